"""Where things stand on the dashboard."""

import re

from playwright.sync_api import Locator, Page, expect

VERDICT_STATES = re.compile("ok|warning|critical|unknown")
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


def headings(page: Page) -> list[str]:
    """Return what stands on the page in the reader's language: headings, column heads, names of tabs and figures."""
    own = page.locator("h2, thead th:not(.col-p95):not(.col-cpu), [role=tab], .numbers dt").all_inner_texts()
    return [text for text in own if text]


def overflow_px(page: Page) -> int:
    """Return by how much the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide
