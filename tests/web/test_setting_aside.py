"""Snoozing and waking by the API."""

import time

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, offer, proposal


def test_a_snoozed_suggestion_leaves_the_list_and_says_when_it_returns(system: SmallSystem, operator: Api) -> None:
    """It is found by its state, with what was seen; executing it is 409 in words; waking brings it back."""
    suggestion = offer(system)
    answer = operator.post(
        f"/suggestions/{suggestion.id}/snooze", json={"hours": 2, "worse_by": 0.5, "reason": " after the sale "}
    )
    assert answer.status_code == 200, answer.json
    snooze = answer.json["snooze"]
    assert (snooze["by"], snooze["reason"], snooze["worse_by"]) == ("operator-token", "after the sale", 0.5)
    assert {(f["metric"], f["then"], f["now"]) for f in snooze["figures"]} == {
        ("queue_wait_seconds", 1.2, 1.2),
        ("response_time_p95_seconds", 2.3, 2.3),
    }
    assert operator.get("/suggestions").json == []
    assert [s["id"] for s in operator.get("/suggestions?state=snoozed").json] == [suggestion.id]
    refused = operator.post(f"/execute/{suggestion.id}")
    assert (refused.status_code, refused.json["code"]) == (409, "snoozed")
    woken = operator.post(f"/suggestions/{suggestion.id}/wake").json
    assert (woken["state"], woken["snooze"], woken["executable"]) == ("open", None, True)


def test_without_a_word_it_waits_a_week_or_for_a_quarter_worse(system: SmallSystem, operator: Api) -> None:
    """The defaults of an empty body."""
    suggestion = offer(system)
    operator.post(f"/suggestions/{suggestion.id}/snooze", json={})
    kept = system.state.suggestion(suggestion.id).snooze
    assert kept is not None
    assert kept.worse_by == 0.25
    assert kept.until - time.time() == pytest.approx(168 * 3600, abs=60)


@pytest.mark.parametrize("body", [{"hours": 0}, {"hours": 2161}, {"worse_by": 0.01}, {"worse_by": 11}, {"until": "x"}])
def test_a_wait_without_end_or_sense_is_refused(system: SmallSystem, operator: Api, body: dict[str, object]) -> None:
    """Not for ever, not at every flutter, and no field that nobody reads."""
    suggestion = offer(system)
    assert operator.post(f"/suggestions/{suggestion.id}/snooze", json=body).status_code == 400
    assert system.state.suggestion(suggestion.id).state == "open"


def test_the_engine_refreshes_what_waits(system: SmallSystem, viewer: Api, operator: Api) -> None:
    """Then and now stand beside each other."""
    suggestion = offer(system)
    operator.post(f"/suggestions/{suggestion.id}/snooze", json={})
    system.state.offer(proposal(findings=()), time.time() + 60, time.time() + 3600)
    figures = viewer.get(f"/suggestions/{suggestion.id}").json["snooze"]["figures"]
    assert [(f["metric"], f["then"], f["now"]) for f in figures] == [
        ("queue_wait_seconds", 1.2, None),
        ("response_time_p95_seconds", 2.3, 2.3),
    ]
