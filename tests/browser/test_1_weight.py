"""What a browser must fetch before the first suggestion can be executed, and whether anything moves meanwhile."""

from collections.abc import Callable, Iterator

import pytest
from browser.demo_run import Demo
from gunicorn_service import wait_for
from playwright.sync_api import Browser, BrowserContext, StorageState

from benchmarks.web.first_load import PAGE_KB, SCRIPTS_KB, SHIFT, load_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SUGGESTION_SECONDS = 240.0


@pytest.fixture(params=["ko", "en"])
def fresh(
    request: pytest.FixtureRequest, browser: Browser, logged_in: Callable[[str], StorageState]
) -> Iterator[BrowserContext]:
    """A browser of each language that knows the login and has fetched nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, storage_state=logged_in("admin"))
    context.add_init_script(f"localStorage.setItem('po-lang', '{request.param}')")
    yield context
    context.close()


def test_the_first_load_stays_small_and_nothing_moves(demo: Demo, fresh: BrowserContext) -> None:
    """The document asks for scripts of at most 160 kB by gzip, the whole page for at most 300 kB as it travels, and nothing shifts."""
    wait_for(lambda: executable(demo), SUGGESTION_SECONDS, "a suggestion that can be executed")
    load = load_in(fresh, demo.dashboard)
    assert len(load.scripts) > 5, load.scripts
    assert 100.0 < load.document_kilobytes <= SCRIPTS_KB, load.scripts
    assert load.script_kilobytes <= SCRIPTS_KB, load.scripts
    assert load.document_kilobytes < load.page_kilobytes <= PAGE_KB
    assert load.shift <= SHIFT


def executable(demo: Demo) -> bool:
    return any(suggestion["executable"] for suggestion in demo.ask("/suggestions?state=open"))
