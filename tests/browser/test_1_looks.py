"""What the dashboard looks like: languages, themes, phones, keyboard, and whom it lets do what."""

import re
import statistics

import pytest
from browser.conftest import VIEWER, OpenPage
from browser.demo_run import Demo
from browser.looking import (
    AXE,
    VERDICT_STATES,
    WCAG,
    WRONG_LOGIN,
    by,
    execute_button,
    headings,
    inside,
    overflow_px,
    see_drawn,
    suggestion_card,
    violations,
)
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SUGGESTION_MS = 240_000


def test_only_the_right_password_opens_the_dashboard(open_page: OpenPage, demo: Demo) -> None:
    """A wrong one says so and lets nobody in; the right one shows the verdict."""
    page = open_page(None, allowed=(WRONG_LOGIN,))
    by(page, "username").fill("admin")
    by(page, "password").fill("guessed")
    by(page, "login-submit").click()
    expect(by(page, "login-error")).to_contain_text("not right")
    assert page.locator("[data-testid^=plugin-row-]").count() == 0
    by(page, "password").fill(demo.password)
    by(page, "login-submit").click()
    inside(page)
    expect(page.locator(".verdict")).to_have_attribute("data-state", VERDICT_STATES)
    expect(by(page, "verdict-sentence")).to_contain_text("plugin")
    expect(by(page, "account-name")).to_contain_text("admin")


def test_figures_are_those_of_the_api_and_live(open_page: OpenPage, demo: Demo) -> None:
    """The row shows workers as the process table has them; its figures change by themselves."""
    page = open_page()
    inside(page)
    row = by(page, "plugin-row-recommendations")
    expect(row.locator(".col-workers")).to_have_text(str(demo.workers("recommendations")))
    expect(row.locator(".col-responseTime")).to_contain_text("ms")
    before = row.inner_text()
    expect(row).not_to_have_text(before, use_inner_text=True, timeout=60_000)


def test_the_language_changes_every_heading_and_is_remembered(open_page: OpenPage) -> None:
    """English, Korean, and Korean again after a reload; no heading stays behind."""
    page = open_page(lang="en")
    inside(page)
    english = headings(page)
    assert len(english) > 10
    by(page, "lang-switch").select_option("ko")
    expect(by(page, "tab-history")).to_have_text("이력")
    korean = headings(page)
    assert not set(english) & set(korean)
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.reload()
    inside(page)
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(by(page, "lang-switch")).to_have_value("ko")
    assert "플러그인" in headings(page)


def test_the_dark_theme_is_remembered_and_never_flashes_light(open_page: OpenPage) -> None:
    """After a reload the very first frame is dark."""
    page = open_page(theme="light")
    inside(page)
    assert brightness(background(page)) > 200
    by(page, "theme-switch").select_option("dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = background(page)
    assert brightness(dark) < 50
    page.add_init_script(NOTE_BACKGROUNDS)
    page.reload()
    inside(page)
    seen = page.evaluate("window.backgrounds")
    assert set(seen) == {dark}, seen


NOTE_BACKGROUNDS = """window.backgrounds = [];
const note = () => {
    if (document.body) window.backgrounds.push(getComputedStyle(document.body).backgroundColor);
    if (window.backgrounds.length < 60) requestAnimationFrame(note);
};
requestAnimationFrame(note);"""


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def brightness(colour: str) -> float:
    """Return the mean of red, green and blue of "rgb(16, 19, 23)": 0 is black, 255 white."""
    return statistics.mean(int(part) for part in re.findall(r"\d+", colour)[:3])


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_phone_never_scrolls_sideways(open_page: OpenPage, width: int, lang: str) -> None:
    """Overview, an opened plugin and the history fit into a narrow screen."""
    page = open_page(lang=lang, width=width)
    inside(page)
    assert overflow_px(page) <= 0
    by(page, "plugin-row-orders").locator("button").click()
    expect(by(page, "panel-orders")).to_be_visible()
    assert overflow_px(page) <= 0
    by(page, "open-orders").click()
    see_drawn(by(page, "chart-grid"))
    expect(by(page, "what-if")).to_be_visible()
    assert overflow_px(page) <= 0
    by(page, "tab-history").click()
    expect(page.locator("#history-title")).to_be_visible()
    assert overflow_px(page) <= 0


def test_losing_the_session_shows_the_login(open_page: OpenPage) -> None:
    """Whether it ran out behind our back or somebody logged out."""
    page = open_page(allowed=("401",))
    inside(page)
    page.context.clear_cookies()
    expect(by(page, "login-form")).to_be_visible(timeout=60_000)


def test_logging_out_shows_the_login(open_page: OpenPage, demo: Demo) -> None:
    """The way back is a login; the cookie of before opens nothing."""
    page = open_page(None, allowed=("401",))
    by(page, "username").fill("admin")
    by(page, "password").fill(demo.password)
    by(page, "login-submit").click()
    inside(page)
    by(page, "logout").click()
    expect(by(page, "login-form")).to_be_visible()
    page.reload()
    expect(by(page, "login-form")).to_be_visible()


def test_a_viewer_sees_why_nothing_can_be_executed(open_page: OpenPage) -> None:
    """The button is off and the reason stands beside it."""
    page = open_page(VIEWER)
    card = suggestion_card(page)
    expect(card).to_be_visible(timeout=SUGGESTION_MS)
    button = execute_button(card)
    expect(button).to_be_disabled()
    reason = page.locator(f"#{button.get_attribute('aria-describedby')}")
    expect(reason).to_contain_text("operator role")


def test_the_keyboard_alone_logs_in_and_reaches_a_dialog(open_page: OpenPage, demo: Demo) -> None:
    """No mouse: type, Enter, Tab to the button, Enter opens the dialog on its harmless answer, Escape closes it."""
    page = open_page(None)
    expect(by(page, "username")).to_be_focused()
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(demo.password)
    page.keyboard.press("Enter")
    inside(page)
    expect(suggestion_card(page)).to_be_visible(timeout=SUGGESTION_MS)
    execute = execute_button(suggestion_card(page)).get_attribute("data-testid")
    assert execute
    tab_to(page, execute)
    tab_to(page, execute.replace("execute-", "snooze-"))
    page.keyboard.press("Enter")
    expect(by(page, "cancel-snooze")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def test_the_focus_returns_to_the_button_that_opened_the_dialog(open_page: OpenPage) -> None:
    """Who closes the question goes on where he was, not at the top of the page."""
    page = open_page()
    expect(suggestion_card(page)).to_be_visible(timeout=SUGGESTION_MS)
    button = suggestion_card(page).locator("[data-testid^=snooze-]")
    button.focus()
    page.keyboard.press("Enter")
    expect(by(page, "cancel-snooze")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(button).to_be_focused()


def test_an_address_with_a_plugin_shows_its_panel(open_page: OpenPage) -> None:
    """Whatever loads above it later: the row stands at the top of the window, the panel below it."""
    page = open_page()
    expect(suggestion_card(page)).to_be_visible(timeout=SUGGESTION_MS)
    page.goto(page.url.split("?")[0] + "?plugin=orders")
    expect(by(page, "panel-orders")).to_be_visible()
    expect(suggestion_card(page)).to_be_attached()
    expect(by(page, "panel-orders")).to_be_in_viewport()
    expect(by(page, "plugin-row-orders")).to_be_in_viewport()


def tab_to(page: Page, test_id: str, at_most: int = 60) -> None:
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.dataset.testid") == test_id:
            return
    raise AssertionError(f"{test_id} is not reached by {at_most} times Tab")


def test_axe_finds_nothing_to_complain_about(open_page: OpenPage) -> None:
    """Names, roles and contrast of the overview with suggestions and an opened plugin, and of the history."""
    page = open_page()
    inside(page)
    expect(suggestion_card(page)).to_be_visible(timeout=SUGGESTION_MS)
    by(page, "plugin-row-menu").locator("button").click()
    expect(by(page, "panel-menu")).to_be_visible()
    page.evaluate(AXE.read_text())
    assert violations(page, WCAG) == []
    by(page, "open-menu").click()
    see_drawn(by(page, "chart-grid"))
    expect(by(page, "time-spent")).to_be_visible()
    assert violations(page, WCAG) == []
    by(page, "tab-history").click()
    expect(page.locator("#history-title")).to_be_visible()
    assert violations(page, WCAG) == []


def test_the_dark_theme_has_contrast(open_page: OpenPage) -> None:
    """Text stands out from what is behind it in the dark as well."""
    page = open_page(theme="dark")  # opened dark: a colour on its way from light to dark is neither
    inside(page)
    expect(suggestion_card(page)).to_be_visible(timeout=SUGGESTION_MS)
    page.evaluate(AXE.read_text())
    assert violations(page, ["color-contrast"]) == []
