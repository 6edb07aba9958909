"""One real demo and one real Chromium for all browser tests."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from browser.demo_run import BASE, Demo, running_demo
from browser.watched_page import SAY_VIOLATIONS, WatchedPage
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWER, VIEWER_PASSWORD = "olga", "only-looks-at-things"
expect.set_options(timeout=60_000)


class OpenPage(Protocol):
    def __call__(
        self,
        login: str | None = "admin",
        *,
        lang: str = "en",
        theme: str = "light",
        width: int = 1280,
        allowed: tuple[str, ...] = (),
        to: str = "",
    ) -> Page: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order of the files: while suggestions ripen, the looks are tested; the outage comes last.

    pytest-randomly has shuffled before; the other folders keep its order.
    """
    ours = [(index, item) for index, item in enumerate(items) if HERE in item.path.parents]
    ordered = sorted((item for _, item in ours), key=lambda item: (item.path.name, item.reportinfo()[1] or 0))
    for (index, _), item in zip(ours, ordered, strict=True):
        items[index] = item


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("browser") / "back-office") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("the browser tests need chromium; install it by `make system-packages`")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def logged_in(demo: Demo, browser: Browser) -> Callable[[str], StorageState]:
    """Returns the cookies of a user; each logs in once."""
    demo.add_user(VIEWER, "viewer", VIEWER_PASSWORD)
    passwords = {"admin": demo.password, VIEWER: VIEWER_PASSWORD}
    known: dict[str, StorageState] = {}

    def of(name: str) -> StorageState:
        if name not in known:
            known[name] = cookies_after_login(browser, demo, name, passwords[name])
        return known[name]

    return of


def cookies_after_login(browser: Browser, demo: Demo, name: str, password: str) -> StorageState:
    context = browser.new_context()
    answer = context.request.post(f"{demo.url}{BASE}/session", data={"username": name, "password": password})
    assert answer.ok, answer.text()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(demo: Demo, browser: Browser, logged_in: Callable[[str], StorageState]) -> Iterator[OpenPage]:
    """Opens the dashboard; in the end no page may have complained, or asked anybody but our server."""
    watched: list[WatchedPage] = []
    contexts: list[BrowserContext] = []

    def open_(
        login: str | None = "admin",
        *,
        lang: str = "en",
        theme: str = "light",
        width: int = 1280,
        allowed: tuple[str, ...] = (),
        to: str = "",
    ) -> Page:
        state = logged_in(login) if login else None
        context = browser.new_context(viewport={"width": width, "height": 900}, storage_state=state)
        contexts.append(context)
        context.add_init_script(SAY_VIOLATIONS)
        context.add_init_script(first_choice("po-lang", lang) + first_choice("po-theme", theme))
        watched.append(WatchedPage(context.new_page(), demo.url, allowed))
        watched[-1].listen()
        watched[-1].page.goto(demo.dashboard + to)
        return watched[-1].page

    yield open_
    found = [(one.unexpected(), one.strangers()) for one in watched]
    for context in contexts:
        context.close()
    assert all(asked.requests for asked in watched), "the pages were not listened to"
    assert found == [([], [])] * len(watched)


def first_choice(key: str, value: str) -> str:
    """Return a script that makes the choice unless the reader has made one."""
    return f"localStorage.getItem('{key}') ?? localStorage.setItem('{key}', '{value}');"
