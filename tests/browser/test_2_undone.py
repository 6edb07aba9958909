"""A change that turns out to harm is undone by the engine, and the page shows it as it happens."""

import threading
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from browser.conftest import OpenPage
from browser.demo_run import Demo
from browser.looking import by, execute, inside, suggestion_card
from gunicorn_service import wait_for
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

SUGGESTION_MS, VERDICT_MS = 240_000, 420_000
CLIENTS, MOST_SECONDS = (
    40,
    300.0,
)  # each asks again as soon as it was answered: two workers keep them waiting, eight do not


def test_a_saving_that_harms_is_seen_to_be_undone(open_page: OpenPage, demo: Demo) -> None:
    """Reports gives up workers it does not need; then a crowd comes that needs them, and the engine brings them back."""
    page = open_page()
    inside(page)
    card = suggestion_card(page, "reports", "decrease_workers")
    expect(card).to_be_visible(timeout=SUGGESTION_MS)
    before = demo.workers("reports")
    execution = execute(page, card)
    running = by(page, f"execution-{execution}")
    expect(running).to_have_attribute("data-state", "verifying", timeout=180_000)
    assert demo.workers("reports") < before
    with crowd(demo, "reports", "/reports/sales?day=3"):
        expect(running).not_to_have_attribute("data-state", "verifying", timeout=VERDICT_MS)
    expect(running).to_have_attribute("data-state", "rolled_back", timeout=VERDICT_MS)
    wait_for(lambda: demo.workers("reports") == before, 120, f"{before} worker processes of reports")
    by(page, "tab-history").click()
    row = by(page, f"history-row-{execution}")
    expect(row).to_have_attribute("data-state", "rolled_back")
    expect(by(page, f"verdict-{execution}")).to_have_attribute("data-outcome", "worse")
    expect(row).to_contain_text("Worse: response time (p95)")


@contextmanager
def crowd(demo: Demo, service: str, path: str) -> Iterator[None]:
    """Ask the service again and again, as many at a time, until the block ends."""
    bind = tomllib.loads((demo.directory / "config.toml").read_text())["plugins"][service]["bind"]
    over = threading.Event()
    clients = [threading.Thread(target=_ask, args=(f"http://{bind}{path}", over), daemon=True) for _ in range(CLIENTS)]
    limit = threading.Timer(MOST_SECONDS, over.set)
    try:
        for one in (*clients, limit):
            one.start()
        yield
    finally:
        over.set()
        limit.cancel()
        for client in clients:
            client.join(60)


def _ask(url: str, over: threading.Event) -> None:
    while not over.is_set():
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                answer.read()
        except OSError:
            over.wait(0.2)
