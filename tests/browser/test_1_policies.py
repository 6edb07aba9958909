"""Policies on the real platform: changed, previewed from its own short past, saved, and not lost to somebody else."""

from collections.abc import Iterator

import pytest
from browser.conftest import VIEWER, OpenPage
from browser.demo_run import Demo
from browser.looking import AXE, WCAG, by, overflow_px, violations
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PREVIEW_MS = 300_000


@pytest.fixture
def as_before(demo: Demo) -> Iterator[None]:
    """Whatever happens here, the tests that follow find the policies of the demo."""
    yield
    demo.change_policy("default", {"mode": None, "stale_seconds": None, "cooldown_seconds": None})


def test_a_policy_is_previewed_and_saved_and_a_conflict_is_shown(
    open_page: OpenPage, demo: Demo, as_before: None
) -> None:
    """The preview says how short the past is and saves nothing; what somebody else saved is shown, and both are kept."""
    present = demo.ask("/policies/default")["policy"]
    page = open_page(to="?tab=policies", allowed=("412",))
    by(page, "mode-automatic").check()
    by(page, "preview-days").select_option("1")
    by(page, "preview-start").click()
    result = by(page, "preview-result")
    expect(result).to_be_visible(timeout=PREVIEW_MS)
    expect(result).to_contain_text("asked for are on record")
    expect(by(page, "preview.executed")).to_contain_text("0")
    assert demo.ask("/policies/default")["policy"] == present, "a preview changes nothing"
    by(page, "policy-discard").click()
    expect(by(page, "save-bar")).to_have_count(0)

    by(page, "policy-stale_seconds").fill("0")
    expect(by(page, "policy-stale_seconds-error")).to_contain_text("more than 0")
    expect(by(page, "policy-save")).to_be_disabled()
    by(page, "policy-stale_seconds").fill("75")
    demo.change_policy("default", {"cooldown_seconds": 61})
    moved = by(page, "policy-moved")
    expect(moved).to_contain_text("Rest after a change")
    expect(by(page, "policy-stale_seconds")).to_have_value("75")
    by(page, "policy-go-on").click()
    by(page, "policy-save").click()
    expect(by(page, "policy-saved")).to_be_visible()
    saved = demo.ask("/policies/default")
    assert (saved["policy"]["stale_seconds"], saved["policy"]["cooldown_seconds"]) == (75, 61)
    assert saved["source"]["stale_seconds"] == "default"
    by(page, "return-stale_seconds").click()
    by(page, "policy-save").click()
    expect(by(page, "policy-saved")).to_be_visible()
    assert demo.ask("/policies/default")["policy"]["stale_seconds"] == present["stale_seconds"]


@pytest.fixture
def without_group(demo: Demo) -> Iterator[None]:
    """Whatever happens here, no group is left."""
    yield
    if any(group["name"] == "night" for group in demo.ask("/plugin-groups")):
        demo.remove("/plugin-groups/night")


def test_a_group_is_made_and_its_plugins_say_so(open_page: OpenPage, demo: Demo, without_group: None) -> None:
    """Who would join and whose policy would change is told before either is saved; a member's value names the group."""
    member = demo.ask("/plugins")[0]["plugin_id"]
    # 404: the stream may tell of the removal before the page has left
    page = open_page(to="?tab=policies", allowed=("404",))
    by(page, "group-new").click()
    by(page, "group-name").fill("night")
    expect(by(page, "group-save")).to_be_disabled()
    by(page, "group-names").fill(member)
    expect(by(page, "consequences-joining")).to_contain_text(member)
    by(page, "group-save").click()
    by(page, "policy-cooldown_seconds").fill("77")
    expect(by(page, "consequences-changed")).to_contain_text(member)
    assert demo.ask(f"/policies/{member}")["policy"]["cooldown_seconds"] != 77
    page.evaluate(AXE.read_text())
    assert violations(page, WCAG) == []
    by(page, "policy-save").click()
    expect(by(page, "policy-saved")).to_be_visible()
    by(page, "group-members").locator("summary").click()
    by(page, "group-members").get_by_role("button", name=member, exact=True).click()
    expect(page.locator("#policy-cooldown_seconds-from")).to_contain_text("group night")
    expect(by(page, "policy-groups")).to_contain_text("night")
    found = demo.ask(f"/policies/{member}")
    assert (found["policy"]["cooldown_seconds"], found["origin"]["cooldown_seconds"]) == (77, "group:night")
    by(page, "policy-of-group:night").click()
    by(page, "group-remove").click()
    by(page, "confirm-group-remove").click()
    expect(by(page, "policy-of-group:night")).to_have_count(0)
    assert demo.ask(f"/policies/{member}")["policy"]["cooldown_seconds"] != 77


def test_a_viewer_sees_policies_and_cannot_change_them(open_page: OpenPage) -> None:
    """It is said why; what only administrators may see has no tab."""
    page = open_page(VIEWER, to="?tab=policies")
    expect(by(page, "policy-why-not")).to_contain_text("Only an administrator")
    expect(by(page, "policy-max_workers")).to_be_disabled()
    expect(by(page, "preview")).to_have_count(0)
    for tab in ("access", "audit"):
        expect(by(page, f"tab-{tab}")).to_have_count(0)


@pytest.mark.parametrize(("lang", "theme", "width"), [("ko", "dark", 320), ("en", "light", 1280)])
def test_the_pages_of_administrators_are_readable(open_page: OpenPage, lang: str, theme: str, width: int) -> None:
    """Policies, access, the engine and the audit: nothing scrolls sideways, and axe has no complaint."""
    page = open_page(lang=lang, theme=theme, width=width, to="?tab=policies")
    page.evaluate(AXE.read_text())
    for tab, sign in (
        ("policies", "policy-max_workers"),
        ("access", "token-create"),
        ("engine", "engine-facts"),
        ("audit", "audit-check"),
    ):
        by(page, f"tab-{tab}").click()
        expect(by(page, sign)).to_be_visible()
        assert overflow_px(page) <= 0
        assert violations(page, WCAG) == []
