"""Check the dashboard with axe-core on the fixture server (a development aid, not shipped).

    python dev/accessibility.py [PORT]

Needs playwright, a chromium and `npm ci`; prints every violation and ends with 1 if there is one.
"""

import sys
import urllib.request
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

AXE = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"
RUN = "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"
VIEWS = [
    # name, scenario, query, what to click before
    ("overview", "full", "", ""),
    ("overview, evidence open", "full", "", "article[data-suggestion-id=sg_1] .disclosure"),
    ("plugin", "full", "?plugin=reservations", ""),
    ("plugin page", "full", "?page=orders", ""),
    ("plugin page, errors, compared", "full", "?page=reservations&compare=day", ""),
    ("plugin page, cache server", "kinds", "?page=sessions", "[data-testid=room-curve] summary"),
    ("every kind", "kinds", "", ""),
    ("incidents", "full", "?tab=incidents&filter=severity%3Dinfo%26open%3Din_0", "[data-testid^=open-incident-orders]"),
    ("incidents, none", "empty", "?tab=incidents", ""),
    ("incidents, error", "error", "?tab=incidents", ""),
    ("incidents, old, gone", "stopped", "?tab=incidents&filter=open%3Dnowhere", ""),
    ("closer look", "full", "?page=orders&drill=throughput_per_second", ""),
    ("closer look, not installed", "bare", "?page=orders&drill=cpu_ratio", ""),
    ("history", "full", "?tab=history&execution=ex_1", ""),
    ("track record", "full", "?tab=history&section=record", ""),
    ("dry run", "full", "", "[data-testid=dry-run-sg_1]"),
    ("snooze dialog", "full", "", "[data-testid=snooze-sg_1]"),
    ("keyboard help", "full", "", "[data-testid=keyboard-help]"),
    ("execute dialog", "full", "", "[data-testid=execute-sg_1]"),
    ("dismiss dialog", "full", "", "[data-testid=dismiss-sg_1]"),
    ("login", "login", "", ""),
    ("empty", "empty", "", ""),
    ("error", "error", "", ""),
    ("stopped", "stopped", "", ""),
    ("viewer", "viewer", "", ""),
    ("trouble, stopped", "trouble", "", ""),
    ("trouble, history", "trouble", "?tab=history", ""),
    ("audit", "full", "?tab=audit", ""),
    ("policies", "full", "?tab=policies&plugin=orders", ""),
    ("policies, viewer", "viewer", "?tab=policies", ""),
    ("access", "full", "?tab=access", ""),
    ("engine", "full", "?tab=engine", ""),
    ("engine, stopped", "stopped", "?tab=engine", ""),
    ("notifications", "full", "?tab=notifications", "[data-testid=test-mail]"),
    ("notifications, operator", "operator", "?tab=notifications", ""),
    ("notifications, none", "empty", "?tab=notifications", ""),
    ("audit, broken", "trouble", "?tab=audit", ""),
    ("stop dialog", "full", "", "[data-testid=stop]"),
    ("arm dialog", "trouble", "", "[data-testid=arm]"),
    ("close dialog", "trouble", "", "[data-testid=close-ex_24]"),
]
WIDTHS = [1366, 360]


def say(*parts: object) -> None:
    sys.stdout.write(" ".join(map(str, parts)) + "\n")


def violations(browser: Browser, base: str, view: tuple[str, str, str, str], theme: str, width: int) -> list[Any]:
    _, scenario, query, click = view
    urllib.request.urlopen(f"{base}/__scenario?{scenario}").read()  # noqa: S310 - our own loopback address
    # axe is put into the page by hand, which the page's own policy rightly forbids.
    context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    context.add_init_script(f"localStorage.setItem('po-lang', 'en'); localStorage.setItem('po-theme', '{theme}')")
    page = context.new_page()
    page.goto(f"{base}/plugin-optimization/{query}")
    settle(page, click)
    page.add_script_tag(path=AXE)
    found: list[Any] = page.evaluate(RUN)
    context.close()
    return found


def settle(page: Page, click: str) -> None:
    page.locator("main .card, main .notice").first.wait_for()
    expect(page.locator(".skeleton")).to_have_count(0, timeout=60_000)
    page.wait_for_timeout(1200)
    if click:
        page.click(click)
        page.wait_for_timeout(500)


def main() -> int:
    base = f"http://127.0.0.1:{sys.argv[1] if len(sys.argv) > 1 else 4173}"
    count = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for view, theme, width in product(VIEWS, ("light", "dark"), WIDTHS):
            for rule in violations(browser, base, view, theme, width):
                count += 1
                say(view[0], theme, width, rule["id"], rule["help"])
                for node in rule["nodes"]:
                    say("   ", node["html"][:160], "|", (node["failureSummary"] or "").replace("\n", " ")[:200])
        browser.close()
    say(f"{count} violations on {len(VIEWS) * 2 * len(WIDTHS)} pages")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
