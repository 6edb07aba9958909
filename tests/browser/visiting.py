"""Opens the dashboard of any server, in any browser, and lets no page complain or ask strangers."""

from collections.abc import Iterator
from contextlib import contextmanager

from browser.watched_page import SAY_VIOLATIONS, WatchedPage
from playwright.sync_api import Browser, BrowserContext, Page

API = "/api/plugin-optimization"


def chosen(key: str, value: str) -> str:
    """Return a script that makes the choice; pages that belong to nobody keep none."""
    return f"if (location.protocol.startsWith('http')) localStorage.setItem('{key}', '{value}');"


@contextmanager
def visited(
    browser: Browser, origin: str, allowed: tuple[str, ...] = (), **options: object
) -> Iterator[BrowserContext]:
    """Lend a browser context whose pages speak English; in the end none may have complained or asked anybody but `origin`."""
    watched: list[WatchedPage] = []

    def watch(page: Page) -> None:
        watched.append(WatchedPage(page, origin, allowed))
        watched[-1].listen()

    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)  # type: ignore[arg-type]
    context.add_init_script(SAY_VIOLATIONS)
    context.add_init_script(chosen("po-lang", "en"))
    context.on("page", watch)
    try:
        yield context
        found = [(one.unexpected(), one.strangers()) for one in watched]
    finally:
        context.close()
    assert any(one.requests for one in watched), "no page was listened to"
    assert found == [([], [])] * len(watched), found


def log_in_by_request(context: BrowserContext, url: str, name: str, password: str) -> None:
    """Get the session's cookie without the form."""
    answer = context.request.post(f"{url}{API}/session", data={"username": name, "password": password})
    assert answer.ok, answer.text()
