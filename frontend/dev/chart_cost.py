"""Measure what live charts cost the main thread of the page of one plugin (a development aid, not shipped).

    node dev/fixture-server.mjs 4173 dense   # twenty metrics of 2,000 points, a new point at each update
    python dev/chart_cost.py [PORT]

Prints the CPU time of the main thread (thread ticks, not wall time) for one update of the charts: all twenty on the
screen, and with an ordinary window. What the page does anyway meanwhile (clocks, other answers) is measured on the
same page with a stretch of the past, which is not updated, and taken off.
"""

import statistics
import sys

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

UPDATE_SECONDS = 6.0
UPDATES = 6
ROUNDS = 1


def main() -> None:
    base = f"http://127.0.0.1:{sys.argv[1] if len(sys.argv) > 1 else 4173}/plugin-optimization/?page=orders"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for name, height in (("all on the screen", 6000), ("window of 900 px", 900)):
            costs = [cost(browser, base, height) for _ in range(ROUNDS)]
            drawn = {charts for charts, _ in costs}
            each = sorted(ms for _, ms in costs)
            sys.stdout.write(f"{name}: {drawn} charts drawn, {statistics.median(each):.1f} ms per update ({each})\n")
        browser.close()


def cost(browser: Browser, base: str, height: int) -> tuple[int, float]:
    """Return how many charts were drawn and the ms of main-thread CPU for one update of them."""
    page = opened(browser, base, height)
    canvases = page.locator("canvas").count()
    live = busy_seconds(page)
    page.get_by_test_id("range-custom").click()
    page.get_by_role("button", name="Show").click()
    page.wait_for_timeout(4000)
    still = busy_seconds(page)
    page.context.close()
    return canvases, round((live - still) / UPDATES * 1000, 2)


def opened(browser: Browser, base: str, height: int) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": height})
    context.add_init_script("localStorage.setItem('po-lang', 'en')")
    page = context.new_page()
    page.goto(base)
    page.get_by_test_id("chart-grid").locator("canvas").first.wait_for(timeout=60_000)
    page.wait_for_timeout(6000)
    return page


def busy_seconds(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _tasks(session)
    page.wait_for_timeout(UPDATES * UPDATE_SECONDS * 1000)
    after = _tasks(session)
    session.detach()
    return after - before


def _tasks(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")


if __name__ == "__main__":
    main()
