"""The doctor answers the three questions people ask."""

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finish, offer, record_cycle

from plugin_optimizer.domain import ExecutionState, Fault, PluginStatus


def answers(api: Api, question: str, query: str = "") -> list[str]:
    asked = api.get(f"/doctor?lang=en{query}").json["questions"]
    return [a["code"] for q in asked if q["question"] == question for a in q["answer"]]


def test_an_empty_product_says_what_is_missing(viewer: Api) -> None:
    """Nothing runs, nothing was found: both are said, with what to do."""
    assert answers(viewer, "no_suggestions") == ["engine_never_ran", "no_plugins_found"]
    (first, *_) = viewer.get("/doctor?lang=en").json["questions"][0]["answer"]
    assert "plugin-optimizer serve" in first["help"]


def test_each_silent_plugin_is_explained(system: SmallSystem, viewer: Api) -> None:
    """Stopped, stale, never measured, observed only, silent planners, suggestions that are there."""
    record_cycle(system)
    add_plugin(system, "dead", PluginStatus.INACTIVE)
    add_plugin(system, "old", age_seconds=900)
    add_plugin(system)
    add_plugin(system, "busy")
    add_plugin(system, "fine")
    offer(system, "busy")
    system.state.save_policy("fine", {"mode": "observe"}, "test", 1.0)
    found = viewer.get("/doctor?lang=en").json["questions"][0]["answer"]
    told = {(a["plugin_id"], a["code"]) for a in found}
    assert told >= {
        ("dead", "plugin_inactive"), ("old", "data_stale"), ("orders", "no_cache"), ("busy", "has_suggestions"),
        ("fine", "mode_observes_only"),
    }  # fmt: skip
    assert answers(viewer, "no_suggestions", "&plugin_id=fine") == ["mode_observes_only", "nothing_to_suggest"]
    assert answers(viewer, "no_suggestions", "&plugin_id=none") == ["plugin_never_seen"]


def test_a_dead_engine_is_noticed_from_the_stores(system: SmallSystem, viewer: Api) -> None:
    """Any process can tell that nobody turns the loop, and which part of it failed."""
    record_cycle(system, age_seconds=600, faults=(Fault("LeakDetector", "ValueError: x"),))
    assert answers(viewer, "no_suggestions")[:2] == ["engine_stopped", "part_failed"]
    assert viewer.get("/health").json["status"] == "degraded"


def test_a_running_engine_is_well(system: SmallSystem, viewer: Api) -> None:
    """A recent turn without faults is `ok`, in this process or another."""
    add_plugin(system)
    record_cycle(system)
    health = viewer.get("/health").json
    assert (health["status"], health["runner"]["active"], health["runner"]["here"]) == ("ok", True, False)
    assert {("engine_turns", True), ("plugins_found", True)} <= {(c["code"], c["ok"]) for c in health["checks"]}


def test_failed_executions_give_their_reason(system: SmallSystem, operator: Api) -> None:
    """The last ones that did not end well, each with its reason in words."""
    execution_id = operator.post(f"/execute/{offer(system).id}").json["execution_id"]
    assert answers(operator, "execution_failed") == ["no_failed_execution"]
    finish(system, execution_id, ExecutionState.ROLLED_BACK)
    assert answers(operator, "execution_failed") == ["did_not_help"]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_dashboard_question_speaks_both_languages(viewer: Api, lang: str) -> None:
    """Question and answers are in the language asked for."""
    question = viewer.get(f"/doctor?lang={lang}").json["questions"][2]
    assert ("대시보드" in question["text"]) == (lang == "ko")
    assert "api_answers" in [a["code"] for a in question["answer"]]
