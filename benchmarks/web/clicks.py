"""How many clicks a deed takes, and how many runs too many clicks make."""

import time
from collections.abc import Iterator, Sequence

from playwright.sync_api import Page, Request

from .figure import Figure, exactly
from .first_load import executable
from .stage import Demo, Stage, wait_until

PATIENCE_MS = 3000  # what a click asks of the server it asks by then
AHEAD_MS = 2000  # both tabs are told beforehand when to click
ONE_RUN_SECONDS = 30.0
CLICK_TWICE = """([selector, at]) => new Promise(done => setTimeout(() => {
    const button = document.querySelector(selector);
    button.click(); button.click(); done();
}, at - Date.now()))"""


def clicks(stage: Stage) -> Iterator[Figure]:
    yield from _counted(stage)
    yield exactly("runs by a double click in each of two tabs and the same request once more", _runs(stage), 1)


def _counted(stage: Stage) -> Iterator[Figure]:
    """Count clicks until the server is asked, where the answers are canned: a low risk, a high one, and the way back."""
    stage.canned.play("full")
    for name, query, path, steps, wanted in (
        ("execute", "", "/execute/", ["execute-sg_1"], 1),
        ("execute at high risk", "", "/execute/", ["execute-sg_3", "confirm-execute"], 2),
        ("undo", "?tab=history", "/rollback", ["rollback-ex_1"], 1),
    ):
        with stage.visit(known=False) as context:
            page = context.new_page()
            page.goto(f"{stage.canned.url}/plugin-optimization/{query}")
            yield exactly(f"clicks: {name} (canned)", _until_asked(page, path, steps), wanted)


def _until_asked(page: Page, path: str, test_ids: Sequence[str]) -> int | None:
    """Press one button after another; return how many presses the server was asked after, None if it never was."""
    asked: list[Request] = []
    page.on(
        "request", lambda request: asked.append(request) if request.method == "POST" and path in request.url else None
    )
    for count, test_id in enumerate(test_ids, 1):
        page.get_by_test_id(test_id).click()
        page.wait_for_timeout(PATIENCE_MS)
        if asked:
            return count
    return None


def _runs(stage: Stage) -> int:
    """Let two tabs click twice at one moment, send the first request again, and count the executions of the real server."""
    url, suggestion = executable(stage), _executable_at_once(stage.demo)
    selector = f"[data-testid=execute-{suggestion}]:enabled"
    with stage.visit() as context:
        pages = [context.new_page() for _ in range(2)]
        asked: list[Request] = []
        for page in pages:
            page.on("request", lambda request: asked.append(request) if "/execute/" in request.url else None)
            page.goto(url)
            page.locator(selector).wait_for()
        at = time.time() * 1000 + AHEAD_MS
        for page in pages:
            page.evaluate(f"given => void ({CLICK_TWICE})(given)", [selector, at])
        pages[0].wait_for_timeout(AHEAD_MS + PATIENCE_MS)
        first = asked[0]
        context.request.post(first.url, headers=first.all_headers(), data=first.post_data or "")
        wait_until(lambda: _executions(stage.demo, suggestion) or None, ONE_RUN_SECONDS, "an execution")
        return len(_executions(stage.demo, suggestion))


def _executable_at_once(demo: Demo) -> str:
    """Wait for a suggestion that one click executes; return its id."""

    def found() -> str | None:
        offered = demo.ask("/suggestions?state=open")
        return next((s["id"] for s in offered if s["executable"] and s["risk"] != "high" and _revocable(s)), None)

    return wait_until(found, 240.0, "a suggestion that one click executes")


def _revocable(suggestion: dict[str, dict[str, dict[str, str]]]) -> bool:
    return suggestion["details"]["change"]["reversibility"] == "reversible"


def _executions(demo: Demo, suggestion: str) -> list[dict[str, str]]:
    return [run for run in demo.ask("/executions?limit=100") if run["suggestion_id"] == suggestion]
