"""A change under observation and its verdict tell one story."""

import math
from dataclasses import replace

from web.conftest import Api
from web.small_system import NOW, SmallSystem, add_plugin, finish, offer, proposal, record_cycle

from plugin_optimizer.domain import (
    Arm,
    Change,
    Comparison,
    Direction,
    ExecutionState,
    Goal,
    Message,
    Metric,
    Outcome,
    Purpose,
    Silence,
    SuggestionType,
    Verdict,
)
from plugin_optimizer.web.views.verdict import view_verdict

MEAN = Metric.RESPONSE_TIME_SECONDS
P95 = Metric.RESPONSE_TIME_P95_SECONDS


def verdict(*reasons: Message) -> Verdict:
    return Verdict(Outcome.BETTER, P95, 0.23, 0.2, 0.3, 2.05, 0.519, 8, 560, "paired_replay", reasons)


def test_reasons_say_more_than_the_effect() -> None:
    """The effect is not told twice by another figure; what spans 15 % to 355 % is not clear yet; the rest is kept."""
    queue = Message("queue_effect", {"effect_ratio": 0.26})
    vague = Message("service_uncertain", {"effect_ratio": 0.7, "low_ratio": 0.15, "high_ratio": 3.55})
    sure = Message("service_effect", {"effect_ratio": 1.3, "low_ratio": 1.2, "high_ratio": 1.4})
    check = Message("self_check", {"error_ratio": 0.02, "windows": 20})
    view = view_verdict(verdict(queue, vague, sure, check), "en")
    assert view.text == "Better: response time (p95) 2.05 s → 519 ms"
    assert [reason.code for reason in view.reasons] == ["service_not_clear", "service_effect", "self_check"]
    assert "not clear yet" in view.reasons[0].text


def test_a_narrow_doubt_keeps_its_figures() -> None:
    """`90 % to 125 %` tells a person something."""
    narrow = Message("service_uncertain", {"effect_ratio": 1.1, "low_ratio": 0.9, "high_ratio": 1.25})
    (reason,) = view_verdict(verdict(narrow), "en").reasons
    assert reason.text == "Serving a request may have changed, too (90 % to 125 %)"


def watched(
    system: SmallSystem, operator: Api, metric: Metric, plugin_id: str = "orders", **details: float
) -> list[float | None]:
    """Execute a suggestion that is judged by `metric`; return what its windows call predicted."""
    goal = Goal(metric, Direction.DOWN, Purpose.IMPROVE)
    suggestion = offer(system, plugin_id, change=Change(plugin_id, "workers", 2, 4, goal), details=details)
    execution_id = operator.post(f"/execute/{suggestion.id}").json["execution_id"]
    finish(system, execution_id)
    system.state.record_windows(execution_id, [{"at": NOW, "observed_seconds": 0.2, "without_seconds": 1.4}])
    live = operator.get(f"/executions/{execution_id}").json["live"]
    return [window["predicted_seconds"] for window in live["windows"]]


def test_windows_show_what_was_predicted_of_their_figure(system: SmallSystem, operator: Api) -> None:
    """Windows of the mean stand beside the predicted mean, not beside the predicted p95."""
    assert watched(system, operator, MEAN, mean_seconds=0.18) == [0.18]


def test_windows_of_the_predicted_metric_need_no_model(system: SmallSystem, operator: Api) -> None:
    """Where the goal is what was predicted, the prediction itself is shown."""
    assert watched(system, operator, P95) == [proposal().prediction.expected]  # type: ignore[union-attr]


def test_nothing_is_shown_where_nothing_was_predicted(system: SmallSystem, operator: Api) -> None:
    """A prediction of the p95 says nothing of the mean, nor a number that is none."""
    assert watched(system, operator, MEAN) == [None]
    assert watched(system, operator, MEAN, "menu", mean_seconds=math.nan) == [None]


def test_the_history_says_what_a_setting_counts(system: SmallSystem, operator: Api) -> None:
    """Workers, entries and requests, also when the plugin is long gone."""
    kinds = {
        SuggestionType.INCREASE_WORKERS: "workers",
        SuggestionType.ADJUST_CACHE: "entries",
        SuggestionType.RECYCLE_WORKERS: "requests",
        SuggestionType.UPDATE_CONFIG: None,
    }
    for kind in kinds:
        suggestion = offer(system, kind.value, type=kind)  # a plugin of its own: one that just changed rests
        finish(system, operator.post(f"/execute/{suggestion.id}").json["execution_id"])
    found = {entry["suggestion_type"]: entry["change"]["unit"] for entry in operator.get("/history").json}
    assert found == {kind.value: unit for kind, unit in kinds.items()}


def test_the_doctor_says_a_reason_once(system: SmallSystem, viewer: Api) -> None:
    """Six planners that rest for the same time are one answer."""
    add_plugin(system)
    resting = Message("cooling_down", {"remaining_seconds": 2.67})
    silences = tuple(Silence("orders", name, resting) for name in ("workers", "cache", "leak", "error"))
    system.state.record_cycle(replace(record_cycle(system), number=8, silences=silences))
    answers = viewer.get("/doctor?lang=en&plugin_id=orders").json["questions"][0]["answer"]
    assert [answer["code"] for answer in answers] == ["cooling_down"]


def test_a_comparison_says_how_far_it_is_and_which_value_requests_meet(system: SmallSystem, operator: Api) -> None:
    """Its state has a name in both languages; where there is none, there is none."""
    suggestion = offer(system, change=Change("orders", "workers", 2, 4, Goal(MEAN, Direction.DOWN, Purpose.IMPROVE)))
    execution_id = operator.post(f"/execute/{suggestion.id}").json["execution_id"]
    assert operator.get(f"/executions/{execution_id}").json["live"]["comparison"] is None
    finish(system, execution_id, ExecutionState.VERIFYING)
    execution = system.state.execution(execution_id)
    plan = Comparison(7, 6, 8.0, 1.5)
    plan = replace(plan.begin(NOW).end(NOW + 8.0), began=NOW + 10.0)
    comparing = replace(execution, state=ExecutionState.COMPARING, comparison=plan)
    system.state.advance(comparing, ExecutionState.VERIFYING, "engine", NOW)
    shown = operator.get(f"/executions/{execution_id}?lang=en").json
    assert (shown["state"], shown["state_text"], shown["result"]) == (
        "comparing",
        "Comparing both values",
        "in_progress",
    )
    value = {Arm.BEFORE: 2, Arm.AFTER: 4}[plan.order[1]]
    assert shown["live"]["comparison"] == {"planned_blocks": 12, "blocks": 1, "block_seconds": 8.0, "value": value}
    assert operator.get(f"/executions/{execution_id}?lang=ko").json["state_text"] == "두 값 비교 중"
