"""What a run comes to is computed from what clients and the process table saw."""

from typing import Any

import pytest

from benchmarks.closed_loop.report import Case, lines
from benchmarks.closed_loop.scenario import Expected, Load, Service
from benchmarks.closed_loop.score import NEVER, course, judge, restored_seconds

SERVICE = Service("orders", Load(10.0), workers=2, policy={"response_time_seconds": 0.5})
FIXABLE = Expected(fixable=True, suggestions=("increase_workers",), most_workers=8)


def seen(slow_until: float = 100.0, grows_at: float = 80.0) -> dict[str, Any]:
    """200 s, ten requests a second, 0.9 s each until `slow_until` and 0.1 s after it; 2 workers, then 4."""
    answers = [(t / 10, 0.9 if t / 10 < slow_until else 0.1, 200) for t in range(2000)]
    workers = [(t / 4, 2 if t / 4 < grows_at else 4) for t in range(800)]
    return {"answers": answers, "workers": workers, "memory": []}


def run(result: str = "success", kind: str = "increase_workers", **figures: Any) -> dict[str, Any]:
    prediction = {"metric": "response_time_p95_seconds", "expected": 0.1, "low": 0.08, "high": 0.12}
    suggestion = {
        "plugin_id": "orders",
        "suggestion_type": kind,
        "first_seconds": 30.0,
        "details": {"prediction": prediction},
    }
    return {
        "scenario": "bank",
        "seconds": 200.0,
        "fault_seconds": 0.0,
        "services": {"orders": seen(**figures)},
        "suggestions": [suggestion],
        "executions": [
            {
                "suggestion": suggestion,
                "clicked_seconds": 70.0,
                "result": result,
                "created_at": "2026-11-30T10:00:00.000Z",
                "finished_at": "2026-11-30T10:00:40.000Z",
            }
        ],
        "reasons": {"orders": ["within_slo"]},
    }


def test_a_course_is_counted_in_windows() -> None:
    """100 s of broken promise; 2 workers for 80 s and 4 for 120 s; one change; nothing broken at the end."""
    found = course(seen(), 200.0, 0.5)
    assert found.violated_seconds == pytest.approx(100.0)
    assert found.worker_seconds == pytest.approx(2 * 80 + 4 * 120)
    assert (found.workers, found.changes, found.reversals, found.promise_kept) == (4.0, 1, 0, True)


def test_errors_break_the_promise_too() -> None:
    """Quick answers that fail, and no answer at all, are no service."""
    failing = {"answers": [(float(t), 0.01, 500 if t % 5 == 0 else 200) for t in range(100)], "workers": []}
    assert not course(failing, 100.0, 0.5).promise_kept
    assert not course({"answers": [], "workers": []}, 100.0, 0.5).promise_kept


def test_restored_is_when_the_first_half_minute_that_keeps_the_promise_began() -> None:
    """Clicked at 70 s, broken until 100 s: 30 s; a single bad window later does not undo it; what stays broken never is."""
    assert restored_seconds(seen(), 70.0, 0.5) == pytest.approx(30.0)
    assert restored_seconds(seen(), 150.0, 0.5) == 0.0
    late = seen()
    late["answers"] = [(at, 0.9 if 150 <= at < 150.5 else took, status) for at, took, status in late["answers"]]
    assert restored_seconds(late, 70.0, 0.5) == pytest.approx(30.0)
    assert restored_seconds(seen(slow_until=190.0), 70.0, 0.5) == NEVER


def test_right_is_fixed_and_kept_by_what_was_asked_for() -> None:
    """Kept and within the SLO at the end; not when undone, not by another suggestion, not while still slow."""
    assert judge(run(), SERVICE, FIXABLE).right
    assert not judge(run("rolled_back"), SERVICE, FIXABLE).right
    assert not judge(run(kind="decrease_workers"), SERVICE, FIXABLE).right
    assert not judge(run(slow_until=190.0), SERVICE, FIXABLE).right


def test_what_cannot_be_fixed_has_to_be_refused_with_the_reason() -> None:
    """A change that was kept is wrong, silence for another reason as well."""
    unfixable = Expected(reasons=("cpu_limited",))
    nothing = {**run(), "suggestions": [], "executions": []}
    assert not judge(nothing, SERVICE, unfixable).right
    assert judge({**nothing, "reasons": {"orders": ["cpu_limited"]}}, SERVICE, unfixable).right
    assert not judge({**run(), "reasons": {"orders": ["cpu_limited"]}}, SERVICE, unfixable).right


def test_a_healthy_service_is_left_alone() -> None:
    """Any suggestion for it is wrong."""
    assert not judge(run(), SERVICE, Expected()).right
    assert judge({**run(), "suggestions": [], "executions": []}, SERVICE, Expected()).right


def test_harm_that_stays_is_wrong() -> None:
    """Undone and back at the old count is right, kept is not."""
    harm = Expected(harm=True, suggestions=("increase_workers",))
    assert not judge(run(), SERVICE, harm).right
    assert judge(run("rolled_back", grows_at=NEVER), SERVICE, harm).right


def test_the_tables_name_what_was_missed() -> None:
    """One service right and one wrong: 50 %, and the wrong one stands out."""
    fine, bad = judge(run(), SERVICE, FIXABLE), judge(run("rolled_back"), SERVICE, FIXABLE)
    peer = course(seen(slow_until=200.0), 200.0, 0.5)
    text = "\n".join(lines([Case(fine, FIXABLE, 4, {"Celery": peer}), Case(bad, FIXABLE, None, {"Celery": peer})]))
    assert "1 of 2 (50%)" in text
    assert "**no**" in text
    assert "| Celery | 0 of 2 |" in text


def test_a_suggestion_is_also_timed_from_when_clients_first_felt_the_fault() -> None:
    """Suggested at 30 s of a fault that begins at 0: felt from the first window that broke the promise, if any did before."""
    document = run()
    document["services"]["orders"]["answers"] = [
        (at, 0.1 if at < 12.0 else late, status) for at, late, status in document["services"]["orders"]["answers"]
    ]
    found = judge(document, SERVICE, FIXABLE)
    assert (found.suggested_seconds, found.felt_seconds) == (30.0, 20.0)
    assert judge(run(slow_until=0.0), SERVICE, FIXABLE).felt_seconds == NEVER


def test_what_is_done_to_the_services_cache_counts_for_the_service() -> None:
    """A service with a Redis: the engine knows that as NAME-cache, and what clients of the service feel decides."""
    cached = Service("orders", Load(10.0), workers=2, policy={"response_time_seconds": 0.5}, redis_bytes=1 << 22)
    expected = Expected(fixable=True, suggestions=("adjust_cache",))
    turned = run(kind="adjust_cache")
    turned["suggestions"][0]["plugin_id"] = "orders-cache"
    turned["reasons"]["orders-cache"] = ["cache_fits"]
    found = judge(turned, cached, expected)
    assert found.right
    assert found.suggested == ("adjust_cache",)
    assert {"within_slo", "cache_fits"} <= set(found.reasons)
    assert not judge(turned, SERVICE, expected).right
