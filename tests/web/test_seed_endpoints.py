"""The seed's three endpoints answer as the seed says."""

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finish, offer, proposal

from plugin_optimizer.domain import ExecutionState, SuggestionType

SUGGESTION = {
    "id", "plugin_id", "suggestion_type", "description", "created_at", "details", "executed", "executed_at", "result",
}  # fmt: skip
HISTORY = {"plugin_id", "suggestion_type", "description", "executed_at", "result"}


def test_the_list_is_an_array_with_the_seeds_fields(system: SmallSystem, viewer: Api) -> None:
    """GET /suggestions answers a bare array; what was not measured is null, and times have a zone."""
    offer(system)
    answer = viewer.get("/suggestions")
    (suggestion,) = answer.json
    assert answer.status_code == 200
    assert suggestion.keys() >= SUGGESTION
    assert suggestion["created_at"].endswith("Z")
    assert (suggestion["executed"], suggestion["executed_at"], suggestion["result"]) == (False, None, None)
    assert suggestion["details"]["figures"] == {"curve": [{"workers": 2, "p95_seconds": None}]}


def test_executing_answers_at_once_and_history_follows(system: SmallSystem, operator: Api) -> None:
    """POST /execute answers 202 with success and a message; the history holds the execution and then its end."""
    suggestion = offer(system)
    accepted = operator.post(f"/execute/{suggestion.id}")
    assert accepted.status_code == 202
    assert accepted.json["success"] is True
    assert accepted.json["message"]
    (running,) = operator.get("/history").json
    assert running.keys() >= HISTORY
    assert running["result"] == "in_progress"
    finish(system, accepted.json["execution_id"])
    (ended,) = operator.get("/history").json
    assert (ended["result"], ended["state"], ended["approved_by"]) == ("success", "succeeded", "operator-token")
    (listed,) = operator.get("/suggestions").json
    assert (listed["executed"], listed["result"]) == (True, "success")
    assert operator.get(accepted.json["links"]["execution"].removeprefix("/api/plugin-optimization")).status_code == 200


def test_executing_twice_changes_once(system: SmallSystem, operator: Api) -> None:
    """The second call answers 200 with the first execution."""
    suggestion = offer(system)
    first = operator.post(f"/execute/{suggestion.id}")
    second = operator.post(f"/execute/{suggestion.id}")
    assert (second.status_code, second.json["already"]) == (200, True)
    assert second.json["execution_id"] == first.json["execution_id"]
    assert len(system.state.executions()) == 1


def test_the_same_key_gives_the_same_answer(system: SmallSystem, operator: Api) -> None:
    """A retried approval with its Idempotency-Key is answered by the first execution."""
    suggestion = offer(system)
    headers = {"Idempotency-Key": "click-1"}
    first = operator.post(f"/execute/{suggestion.id}", headers=headers)
    second = operator.post(f"/execute/{suggestion.id}", headers=headers)
    assert first.json["execution_id"] == second.json["execution_id"]


@pytest.mark.parametrize("how", ["body", "header"])
def test_a_suggestion_that_changed_is_not_executed(system: SmallSystem, operator: Api, how: str) -> None:
    """Whoever approves an older revision gets 412, and nothing is queued."""
    suggestion = offer(system)
    old = {"json": {"revision": suggestion.revision + 5}} if how == "body" else {"headers": {"If-Match": '"99"'}}
    answer = operator.post(f"/execute/{suggestion.id}", **old)
    assert (answer.status_code, answer.json["code"]) == (412, "stale")
    assert system.state.executions() == []


def test_an_unknown_suggestion_is_not_found(operator: Api) -> None:
    """404 as a problem, with the seed's `success: false` and `message`."""
    answer = operator.post("/execute/sg_none")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json["success"] is False
    assert answer.json["message"] == answer.json["detail"]


def test_advice_cannot_be_executed_and_says_why(system: SmallSystem, operator: Api) -> None:
    """Advice has no change: 409, and the list says so beforehand in both languages."""
    suggestion = offer(system, type=SuggestionType.INVESTIGATE_ERROR, change=None, prediction=None)
    answer = operator.post(f"/execute/{suggestion.id}")
    assert (answer.status_code, answer.json["code"]) == (409, "advice_only")
    texts = {lang: operator.get(f"/suggestions?lang={lang}").json[0]["why_not_executable"] for lang in ("ko", "en")}
    assert "조언" in texts["ko"]
    assert "advice" in texts["en"]


def test_an_expired_suggestion_is_gone(system: SmallSystem, operator: Api) -> None:
    """410 once its time is over."""
    suggestion = offer(system, lifetime_seconds=-1.0)
    assert operator.post(f"/execute/{suggestion.id}").status_code == 410
    assert system.state.executions() == []


def test_a_dismissed_suggestion_can_be_taken_back(system: SmallSystem, operator: Api) -> None:
    """Dismissed: 409 and off the list; after undo-dismiss it can be executed."""
    suggestion = offer(system)
    assert (
        operator.post(f"/suggestions/{suggestion.id}/dismiss", json={"reason": "not now"}).json["state"] == "dismissed"
    )
    assert operator.post(f"/execute/{suggestion.id}").status_code == 409
    assert operator.get("/suggestions").json == []
    assert operator.post(f"/suggestions/{suggestion.id}/undo-dismiss").json["state"] == "open"
    assert operator.post(f"/execute/{suggestion.id}").status_code == 202


def test_one_execution_of_a_plugin_at_a_time(system: SmallSystem, operator: Api) -> None:
    """While one is under way, another suggestion of the plugin is not executable, and says so."""
    first = offer(system)
    change = proposal().change
    assert change is not None
    from dataclasses import replace

    second = offer(system, type=SuggestionType.UPDATE_CONFIG, change=replace(change, knob="timeout"))
    operator.post(f"/execute/{first.id}")
    answer = operator.post(f"/execute/{second.id}")
    assert (answer.status_code, answer.json["code"]) == (409, "in_flight")


@pytest.mark.parametrize("mode", ["observe", "advise"])
def test_the_policy_can_forbid_executing(system: SmallSystem, operator: Api, mode: str) -> None:
    """Under observe and advise, execute answers 409 and names the mode."""
    system.state.save_policy("", {"mode": mode}, "test", 1.0)
    suggestion = offer(system)
    answer = operator.post(f"/execute/{suggestion.id}")
    assert (answer.status_code, answer.json["code"]) == (409, "mode_forbids")


def test_filters_and_pages(system: SmallSystem, viewer: Api) -> None:
    """plugin_id, state, executed and limit narrow the list; a further page is announced and reached by Link."""
    for name in ("a", "b", "c"):
        add_plugin(system, name)
        offer(system, name)
    assert [s["plugin_id"] for s in viewer.get("/suggestions?plugin_id=b").json] == ["b"]
    assert viewer.get("/suggestions?state=executed").json == []
    assert len(viewer.get("/suggestions?executed=false").json) == 3
    page = viewer.get("/suggestions?limit=2")
    assert len(page.json) == 2
    following = page.headers["Link"].partition(">")[0].strip("<").removeprefix("/api/plugin-optimization")
    rest = viewer.get(following)
    assert {s["plugin_id"] for s in page.json + rest.json} == {"a", "b", "c"}
    assert "Link" not in rest.headers


def test_a_change_can_be_rolled_back_from_the_api(system: SmallSystem, operator: Api) -> None:
    """POST /executions/<id>/rollback orders the undoing of a kept change, once."""
    suggestion = offer(system)
    execution_id = operator.post(f"/execute/{suggestion.id}").json["execution_id"]
    finish(system, execution_id)
    detail = operator.get(f"/executions/{execution_id}").json
    assert detail["can_roll_back"] is True
    assert [s["state"] for s in detail["steps"]][-1] == "succeeded"
    answer = operator.post(f"/executions/{execution_id}/rollback")
    assert (answer.status_code, answer.json["state"]) == (202, "rb_intent")
    assert operator.post(f"/executions/{execution_id}/cancel").status_code == 409


def test_a_queued_execution_can_be_cancelled(system: SmallSystem, operator: Api) -> None:
    """Cancel while queued; afterwards neither cancelling nor rolling back is possible."""
    execution_id = operator.post(f"/execute/{offer(system).id}").json["execution_id"]
    assert operator.post(f"/executions/{execution_id}/cancel").json["state"] == "cancelled"
    assert operator.post(f"/executions/{execution_id}/rollback").status_code == 409


def test_an_undone_change_says_so(system: SmallSystem, operator: Api) -> None:
    """A rolled-back execution has the result `rolled_back` and its reason in words."""
    execution_id = operator.post(f"/execute/{offer(system).id}").json["execution_id"]
    finish(system, execution_id, ExecutionState.ROLLED_BACK)
    (entry,) = operator.get("/history?lang=en").json
    assert entry["result"] == "rolled_back"
    assert "did not help" in entry["reason"]["text"]
