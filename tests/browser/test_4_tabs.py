"""Many tabs of one browser: they share a stream, hand it over, and survive an outage; cards are walked through by keys."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from browser.conftest import ARGUMENTS
from browser.looking import VERDICT_STATES, by, log_in
from browser.visiting import log_in_by_request, visited
from gunicorn_service import wait_for
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from web.small_system import proposal

from benchmarks.web.large_fleet import PASSWORD, USER, LargeFleet, running_fleet
from plugin_optimizer.knowledge import open_state

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SIZE = 30
TABS = 10
SLOW_MS = 120_000
UNREACHABLE = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_INCOMPLETE_CHUNKED",
    "ERR_EMPTY_RESPONSE",
    "ERR_INTERNET_DISCONNECTED",
)
ELSEWHERE = "plugins.test"  # a name that is no localhost: there a page over plain http is given no Web Locks


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LargeFleet]:
    with running_fleet(tmp_path_factory.mktemp("tabs") / "fleet", SIZE) as running:
        with closing(open_state(running.state / "state.db")) as state:
            for name in running.names[:3]:
                state.offer(proposal(name), time.time(), time.time() + 3600)
        yield running


@pytest.fixture
def context(browser: Browser, fleet: LargeFleet) -> Iterator[BrowserContext]:
    with visited(browser, fleet.url, UNREACHABLE) as lent:
        log_in_by_request(lent, fleet.url, USER, PASSWORD)
        yield lent


@dataclass
class Streams:
    """The event streams that the tabs of a context hold open."""

    held: dict[Page, set[Request]] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        mine = self.held.setdefault(page, set())

        def forget(request: Request) -> None:
            mine.discard(request)

        page.on("request", lambda request: mine.add(request) if request.url.endswith("/events") else None)
        page.on("requestfailed", forget)
        page.on("requestfinished", forget)
        page.on("close", lambda _: self.held.pop(page, None))

    @property
    def count(self) -> int:
        return sum(len(requests) for requests in self.held.values())

    @property
    def leader(self) -> Page:
        return next(page for page, requests in self.held.items() if requests)


def opened(context: BrowserContext, address: str, tabs: int, streams: Streams) -> list[Page]:
    pages = []
    for _ in range(tabs):
        page = context.new_page()
        streams.watch(page)
        page.goto(address)
        pages.append(page)
    return pages


def all_live(pages: list[Page]) -> None:
    for page in pages:
        expect(by(page, "connection")).to_have_attribute("data-state", "stream", timeout=SLOW_MS)


def all_change(pages: list[Page]) -> None:
    """Each tab shows new figures by itself, of whatever is in its first row."""
    before = [page.locator(".plugins").inner_text() for page in pages]
    for page, text in zip(pages, before, strict=True):
        expect(page.locator(".plugins")).not_to_have_text(text, use_inner_text=True, timeout=SLOW_MS)


def settled(pages: list[Page], streams: Streams) -> None:
    """One stream, however many tabs; for a moment of an election there may be two."""
    wait_for(lambda: pages[0].wait_for_timeout(200) or streams.count == 1, 60, "one stream for all tabs")


def test_ten_tabs_are_live_on_one_stream(context: BrowserContext, fleet: LargeFleet) -> None:
    """All say that they are live, and change; the leading one is closed twice, and another one leads."""
    streams = Streams()
    pages = opened(context, fleet.dashboard, TABS, streams)
    assert pages[0].evaluate("Boolean(navigator.locks)")
    all_live(pages)
    settled(pages, streams)
    all_change(pages)
    for _ in range(2):
        gone = streams.leader
        pages.remove(gone)
        gone.close()
        settled(pages, streams)
    all_live(pages)
    all_change(pages)


def test_without_locks_the_tabs_elect_one(browser: Browser, fleet: LargeFleet) -> None:
    """On plain http to another name than localhost the page is live as well, on one stream, and hands it over."""
    chromium = browser.browser_type.launch(
        executable_path="/usr/bin/chromium", args=[*ARGUMENTS, f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"]
    )
    address = fleet.dashboard.replace("127.0.0.1", ELSEWHERE)
    origin, streams = fleet.url.replace("127.0.0.1", ELSEWHERE), Streams()
    with visited(chromium, origin, (r"Cross-Origin-Opener-Policy",)) as context:
        pages = opened(context, address, 1, streams)
        log_in(pages[0], USER, PASSWORD)
        assert not pages[0].evaluate("Boolean(navigator.locks)")
        pages += opened(context, address, 3, streams)
        all_live(pages)
        settled(pages, streams)
        all_change(pages)
        gone = streams.leader
        pages.remove(gone)
        gone.close()
        settled(pages, streams)
        all_live(pages)
    chromium.close()


def test_an_outage_is_seen_by_all_tabs_and_its_end_as_well(context: BrowserContext, fleet: LargeFleet) -> None:
    """Never green over old figures; how old they are; and live again without a reload."""
    streams = Streams()
    pages = opened(context, fleet.dashboard, 3, streams)
    all_live(pages)
    for page in pages:
        page.evaluate("window.notReloaded = true")
    fleet.stop()
    for page in pages:
        expect(by(page, "connection")).to_have_attribute("data-state", "lost", timeout=SLOW_MS)
        expect(by(page, "connection")).to_contain_text("Connection lost · data is")
        expect(page.locator(".verdict")).to_have_attribute("data-state", "disconnected", timeout=SLOW_MS)
    fleet.start(int(fleet.url.rpartition(":")[2]))
    all_live(pages)
    for page in pages:
        expect(page.locator(".verdict")).to_have_attribute("data-state", VERDICT_STATES, timeout=SLOW_MS)
        assert page.evaluate("window.notReloaded")
    settled(pages, streams)


def test_a_page_without_network_says_so(context: BrowserContext, fleet: LargeFleet) -> None:
    """The browser's own word that it is offline is enough; with the network the page comes back."""
    (page,) = opened(context, fleet.dashboard, 1, Streams())
    all_live([page])
    context.set_offline(True)
    expect(by(page, "connection")).to_have_attribute("data-state", "lost", timeout=SLOW_MS)
    context.set_offline(False)
    all_live([page])


def test_j_and_k_walk_through_the_cards(context: BrowserContext, fleet: LargeFleet) -> None:
    """Each card in turn has a visible focus; the arrows move between the tabs, and Back returns."""
    (page,) = opened(context, fleet.dashboard, 1, Streams())
    cards = page.locator("main article")
    expect(cards).to_have_count(3, timeout=SLOW_MS)
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(cards.nth(place)).to_be_focused()
        expect(cards.nth(place)).to_be_in_viewport()
    assert cards.nth(1).evaluate("card => getComputedStyle(card).outlineStyle") == "solid"
    by(page, "tab-overview").focus()
    page.keyboard.press("ArrowRight")
    expect(by(page, "tab-incidents")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(by(page, "tab-history")).to_be_focused()
    expect(page.locator("#history-title")).to_be_visible()
    page.keyboard.press("/")
    expect(by(page, "plugin-search")).to_be_focused(timeout=SLOW_MS)
    page.go_back()
    expect(page.locator("#history-title")).to_be_visible()
    expect(by(page, "time-zone")).to_contain_text("Times are in")
