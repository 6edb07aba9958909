"""Where things stand on the dashboard."""

import re
from pathlib import Path

from gunicorn_service import wait_for
from playwright.sync_api import Locator, Page, expect

VERDICT_STATES = re.compile("ok|warning|critical|unknown")
AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WRONG_LOGIN = r"401.*/api/plugin-optimization/session"


def by(page: Page, test_id: str) -> Locator:
    return page.get_by_test_id(test_id)


def inside(page: Page) -> None:
    """Wait until the dashboard shows plugins, and lives."""
    expect(page.locator("[data-testid^=plugin-row-]").first).to_be_visible()
    expect(by(page, "connection")).to_have_attribute("data-state", "stream")


def suggestion_card(page: Page, plugin: str = "orders", kind: str = "increase_workers") -> Locator:
    return by(page, f"suggestion-{plugin}-{kind}")


def execute_button(card: Locator) -> Locator:
    return card.locator("[data-testid^=execute-]")


def execute(page: Page, card: Locator) -> str:
    """Execute by one click; return the id of the execution."""
    with page.expect_response(re.compile("/execute/")) as answer:
        execute_button(card).click()
    assert answer.value.status == 202
    execution: str = answer.value.json()["execution_id"]
    return execution


def see_drawn(part: Locator) -> None:
    """Scroll to a chart, or a grid of them, until it is drawn: what is suggested stands above it, and may come late."""

    def drawn() -> bool:
        part.scroll_into_view_if_needed()
        return part.locator("canvas").first.is_visible()

    wait_for(drawn, 60, "the chart to be drawn")


def headings(page: Page) -> list[str]:
    """Return what stands on the page in the reader's language: headings, column heads, names of tabs and figures."""
    own = page.locator("h2, thead th:not(.col-p95):not(.col-cpu), [role=tab], .numbers dt").all_inner_texts()
    return [text for text in own if text]


def overflow_px(page: Page) -> int:
    """Return by how much the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def log_in(page: Page, name: str, password: str) -> None:
    by(page, "username").fill(name)
    by(page, "password").fill(password)
    by(page, "login-submit").click()
    inside(page)


def violations(page: Page, rules: list[str], part: str = "html") -> list[tuple[str, list[str]]]:
    """Return the broken rules (by name or tag) with the elements of the part that break them."""
    found = page.evaluate("([part, rules]) => axe.run(part, {runOnly: rules})", [part, rules])["violations"]
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]
