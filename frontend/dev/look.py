"""Take screenshots of the dashboard on the fixture server (a development aid, not shipped).

    python dev/look.py DIRECTORY [PORT]

Needs playwright and a chromium; prints what the browser complained about, and the bytes of the first load.
"""

import gzip
import sys
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

WHOLE = " (whole page)"  # after what is clicked: the picture holds more than the window
SHOTS = [
    # name, scenario, query, lang, theme, width, what to do before the picture
    ("01-overview-ko-light", "full", "", "ko", "light", 1440, ""),
    ("02-overview-en-dark", "full", "", "en", "dark", 1440, ""),
    ("03-overview-ko-360", "full", "", "ko", "light", 360, ""),
    ("04-overview-en-dark-360", "full", "", "en", "dark", 360, ""),
    ("05-panel-ko-light", "full", "?plugin=reservations", "ko", "light", 1440, ""),
    ("06-panel-en-dark-360", "full", "?plugin=orders", "en", "dark", 360, ""),
    ("40-page-ko-light", "full", "?page=orders", "ko", "light", 1440, ""),
    ("41-page-en-dark", "full", "?page=reservations&compare=day", "en", "dark", 1440, ""),
    ("42-page-ko-360", "full", "?page=orders", "ko", "light", 360, ""),
    ("43-page-en-dark-360", "full", "?page=reservations&range=24h", "en", "dark", 360, ""),
    ("44-page-empty-en", "empty", "?page=inventory", "en", "light", 1440, ""),
    ("45-page-custom-ko-320", "full", "?page=menu", "ko", "dark", 320, "[data-testid=range-custom]"),
    ("46-page-en-2560", "full", "?page=orders&range=7d", "en", "light", 2560, ""),
    ("47-page-loading-ko", "slow", "?page=orders", "ko", "light", 1440, ""),
    ("90-redis-ko-light", "kinds", "?page=sessions", "ko", "light", 1440, ""),
    ("91-redis-en-dark-390", "kinds", "?page=sessions", "en", "dark", 390, ""),
    ("92-celery-en-light", "kinds", "?page=mailer", "en", "light", 1440, ""),
    ("93-memcached-ko-dark-320", "kinds", "?page=fragments", "ko", "dark", 320, ""),
    ("94-blueprint-ko-dark", "kinds", "?page=shop.cart", "ko", "dark", 1440, ""),
    ("95-reported-en-light", "kinds", "?page=billing", "en", "light", 1440, ""),
    ("96-uvicorn-ko-390", "kinds", "?page=search-api", "ko", "light", 390, ""),
    ("97-kinds-ko-light", "kinds", "", "ko", "light", 1440, ""),
    ("98-kinds-en-dark-390", "kinds", "", "en", "dark", 390, ""),
    ("100-incidents-ko-light", "full", "?tab=incidents", "ko", "light", 1440, "[data-testid^=open-incident-orders] (whole page)"),
    ("101-incidents-en-dark", "full", "?tab=incidents&filter=severity%3Dinfo%26open%3Din_0", "en", "dark", 1440, ""),
    ("102-incidents-ko-320", "full", "?tab=incidents", "ko", "light", 320, "[data-testid^=open-incident-orders] (whole page)"),
    ("103-incidents-en-dark-390", "full", "?tab=incidents&filter=plugin%3Dreservations", "en", "dark", 390, ""),
    ("104-incidents-empty-ko", "empty", "?tab=incidents", "ko", "light", 1440, ""),
    ("105-incidents-error-en", "error", "?tab=incidents", "en", "light", 1440, ""),
    ("106-incidents-loading-ko", "slow", "?tab=incidents", "ko", "dark", 390, ""),
    ("107-incidents-stopped-ko", "stopped", "?tab=incidents&filter=open%3Dnowhere", "ko", "light", 1440, ""),
    ("110-closer-ko-light", "full", "?page=orders&drill=throughput_per_second", "ko", "light", 1440, ""),
    ("111-closer-en-dark-390", "full", "?page=orders&range=24h&drill=throughput_per_second", "en", "dark", 390, ""),
    ("112-closer-missing-ko", "bare", "?page=orders&drill=cpu_ratio", "ko", "dark", 1440, ""),
    ("113-closer-missing-en-320", "bare", "?page=orders&drill=cpu_ratio", "en", "light", 320, ""),
    ("07-history-ko-light", "full", "?execution=ex_1", "ko", "light", 1440, ""),
    ("08-history-en-360", "full", "?tab=history&execution=ex_2", "en", "light", 360, ""),
    ("09-dialog-ko-light", "full", "", "ko", "light", 1440, "[data-testid=execute-sg_3]"),
    ("10-dialog-en-dark-360", "full", "", "en", "dark", 360, "[data-testid=execute-sg_3]"),
    ("11-login-ko-light", "login", "", "ko", "light", 1440, ""),
    ("12-login-en-dark-360", "login", "", "en", "dark", 360, ""),
    ("13-empty-ko-light", "empty", "", "ko", "light", 1440, ""),
    ("14-error-ko-light", "error", "", "ko", "light", 1440, ""),
    ("15-stopped-en-light", "stopped", "", "en", "light", 1440, ""),
    ("16-loading-ko-dark", "slow", "", "ko", "dark", 1440, ""),
    ("17-viewer-ko-320", "viewer", "", "ko", "light", 320, ""),
    ("18-more-ko-light", "full", "", "ko", "light", 1440, "article[data-suggestion-id=sg_1] .disclosure"),
    ("19-tablet-ko-light", "full", "?plugin=orders", "ko", "light", 900, ""),
    ("20-trouble-ko-light", "trouble", "", "ko", "light", 1440, ""),
    ("21-trouble-en-dark", "trouble", "", "en", "dark", 1440, ""),
    ("22-trouble-ko-dark-320", "trouble", "", "ko", "dark", 320, ""),
    ("23-trouble-en-320", "trouble", "", "en", "light", 320, ""),
    ("24-trouble-history-en-light", "trouble", "?tab=history", "en", "light", 1280, ""),
    ("25-trouble-history-ko-360", "trouble", "?tab=history", "ko", "light", 360, ""),
    ("26-audit-en-light", "full", "?tab=audit", "en", "light", 1280, ""),
    ("27-audit-ko-dark-360", "trouble", "?tab=audit", "ko", "dark", 360, ""),
    ("50-policies-ko-light", "full", "?tab=policies", "ko", "light", 1440, ""),
    ("51-policies-en-dark", "full", "?tab=policies&plugin=orders", "en", "dark", 1440, ""),
    ("52-policies-ko-dark-360", "full", "?tab=policies&plugin=orders", "ko", "dark", 360, ""),
    ("53-policies-viewer-en-360", "viewer", "?tab=policies", "en", "light", 360, ""),
    ("54-policies-changed-ko-light", "full", "?tab=policies", "ko", "light", 1440, "PREVIEW"),
    ("55-policies-changed-en-dark-360", "full", "?tab=policies", "en", "dark", 360, "PREVIEW"),
    ("56-access-ko-light", "full", "?tab=access", "ko", "light", 1440, ""),
    ("57-access-en-dark-360", "full", "?tab=access", "en", "dark", 360, ""),
    ("58-engine-en-light", "full", "?tab=engine", "en", "light", 1440, ""),
    ("59-engine-stopped-ko-dark-360", "stopped", "?tab=engine", "ko", "dark", 360, ""),
    ("60-notifications-ko-light", "full", "?tab=notifications", "ko", "light", 1440, ""),
    ("61-notifications-en-dark", "trouble", "?tab=notifications", "en", "dark", 1440, ""),
    ("62-notifications-ko-dark-360", "full", "?tab=notifications", "ko", "dark", 360, ""),
    ("63-notifications-en-light-360", "operator", "?tab=notifications", "en", "light", 360, ""),
    ("64-notifications-none-ko-light", "empty", "?tab=notifications", "ko", "light", 1440, ""),
    ("28-stop-dialog-en-light", "full", "", "en", "light", 1280, "[data-testid=stop]"),
    ("29-stop-dialog-ko-dark-320", "full", "", "ko", "dark", 320, "[data-testid=stop]"),
    ("30-arm-dialog-ko-light", "trouble", "", "ko", "light", 1280, "[data-testid=arm]"),
    ("31-close-dialog-ko-light", "trouble", "", "ko", "light", 1280, "[data-testid=close-ex_24]"),
    ("60-dry-run-ko-light", "full", "", "ko", "light", 1440, "[data-testid=dry-run-sg_1] (whole page)"),
    ("61-dry-run-en-dark-360", "refused", "", "en", "dark", 360, "[data-testid=dry-run-sg_1] (whole page)"),
    ("62-snooze-dialog-ko-light", "full", "", "ko", "light", 1440, "[data-testid=snooze-sg_1]"),
    ("63-snooze-dialog-en-dark-360", "full", "", "en", "dark", 360, "[data-testid=snooze-sg_1]"),
    ("64-snoozed-en-light", "full", "", "en", "light", 1440, "[data-testid=snoozed] summary (whole page)"),
    ("65-snoozed-ko-dark-360", "full", "", "ko", "dark", 360, "[data-testid=snoozed] summary (whole page)"),
    ("66-record-ko-light", "full", "?tab=history&section=record", "ko", "light", 1440, ""),
    ("67-record-en-dark-360", "full", "?tab=history&section=record", "en", "dark", 360, ""),
    ("68-filters-en-dark", "full", "?tab=history&result=success", "en", "dark", 1440, ""),
    ("80-many-ko-light", "many", "", "ko", "light", 1440, ""),
    ("81-many-en-dark", "many", "?group=label:team&open=payments", "en", "dark", 1440, ""),
    ("82-many-ko-360", "many", "?health=critical,warning", "ko", "light", 360, ""),
    ("83-many-en-dark-2560", "many", "?q=web&sort=-cpu_usage", "en", "dark", 2560, ""),
    ("84-keys-ko-light", "full", "", "ko", "light", 1440, "[data-testid=keyboard-help]"),
    ("32-close-dialog-en-dark-360", "trouble", "", "en", "dark", 360, "[data-testid=close-ex_24]"),
]


def say(*parts: object) -> None:
    sys.stdout.write(" ".join(map(str, parts)) + "\n")


def take(browser: Browser, base: str, folder: Path, shot: tuple[str, str, str, str, str, int, str]) -> None:
    name, scenario, query, lang, theme, width, click = shot
    urllib.request.urlopen(f"{base}/__scenario?{scenario}").read()  # noqa: S310 - our own loopback address
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_init_script(f"localStorage.setItem('po-lang', '{lang}'); localStorage.setItem('po-theme', '{theme}')")
    page = context.new_page()
    page.on("console", lambda text: say(name, text.type, text.text) if text.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: say(name, "pageerror", error))
    page.goto(f"{base}/plugin-optimization/{query}")
    settle(page, scenario)
    if click == "PREVIEW":
        preview(page)
    elif click:
        page.click(click.removesuffix(WHOLE))
        page.wait_for_timeout(300)
    if scenario == "many":  # ten thousand rows are no picture: the window upon them is
        page.evaluate("document.getElementById('plugins').scrollIntoView()")
        page.wait_for_timeout(1500)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        say(name, f"scrolls sideways: {wide} > {width}")
    whole = scenario != "many" and (not click or "disclosure" in click or click == "PREVIEW" or click.endswith(WHOLE))
    if whole and page.locator(".chart-host").count():  # charts are drawn where they are in sight
        page.set_viewport_size(
            {"width": width, "height": min(6000, page.evaluate("document.documentElement.scrollHeight"))}
        )
        expect(page.locator(".chart-host:not(:has(canvas))")).to_have_count(0, timeout=60_000)
        page.wait_for_timeout(1500)
    page.screenshot(path=folder / f"{name}.png", full_page=whole)
    context.close()


def settle(page: Page, scenario: str) -> None:
    """Wait until nothing is awaited any more; what never comes is not waited for."""
    page.wait_for_selector(".card, main .notice", timeout=60_000)
    if scenario not in {"slow", "error", "login"}:
        expect(page.locator(".skeleton")).to_have_count(0, timeout=60_000)
    page.wait_for_timeout(1500)


def preview(page: Page) -> None:
    """Change a policy, wrongly in one field, and ask what it would have done."""
    page.click("[data-testid=mode-automatic]")
    page.click("[data-testid=preview-start]")
    page.wait_for_selector("[data-testid=preview-result]")
    page.fill("[data-testid=policy-cpu_ratio]", "150")


def weigh(page: Page, base: str) -> None:
    scripts: list[Response] = []
    page.on("response", lambda answer: scripts.append(answer) if answer.url.endswith((".js", ".css")) else None)
    page.goto(f"{base}/plugin-optimization/")
    page.wait_for_timeout(1500)
    for end in (".js", ".css"):
        sizes = [len(gzip.compress(answer.body(), 9)) for answer in scripts if answer.url.endswith(end)]
        say(f"first load {end}: {sum(sizes) / 1000:.1f} kB gz in {len(sizes)} files")


def main() -> None:
    folder = Path(sys.argv[1])
    base = f"http://127.0.0.1:{sys.argv[2] if len(sys.argv) > 2 else 4173}"
    wanted = sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for shot in SHOTS:
            if not wanted or any(shot[0].startswith(number) for number in wanted):
                take(browser, base, folder, shot)
        weigh(browser.new_page(), base)
        browser.close()


if __name__ == "__main__":
    main()
