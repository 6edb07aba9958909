"""What the engine gave up is found, looked at and closed over the API."""

import time
from dataclasses import replace
from typing import Any

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finish, offer, proposal, record_cycle

from plugin_optimizer.domain import Execution, ExecutionState, Knob, Message


def give_up(system: SmallSystem, plugin_id: str = "orders", code: str = "foreign_value") -> Execution:
    """Lead a change to where only a person can go on; somebody set 6 meanwhile."""
    add_plugin(system, plugin_id)
    store, at = system.state, time.time()
    queued, _ = store.approve(offer(system, plugin_id).id, None, "ann", None, at)
    execution = store.claim(queued.id, "test", at, at + 600)
    for state in ("intent", "applying", "needs_operator"):
        reason = Message(code, {"value": 6}) if state == "needs_operator" else None
        moved = replace(execution, state=ExecutionState(state), reason=reason)
        execution = store.advance(moved, execution.state, "test", at)
    system.known_knobs[plugin_id] = (Knob("workers", 6, 1, 32, unit="workers", kind="workers"),)
    return execution


def needing(api: Api, query: str = "") -> Any:
    answer = api.get(f"/executions?needs_person=true{query}")
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(("lang", "words"), [("en", ("is 6 now", "close it")), ("ko", ("6입니다", "닫으세요"))])
def test_a_person_sees_what_runs_now_and_what_can_be_done(
    system: SmallSystem, viewer: Api, lang: str, words: tuple[str, ...]
) -> None:
    """The present value beside the old and the new one, why it came to this, and the choices, in both languages."""
    execution = give_up(system)
    for view in (
        needing(viewer, f"&lang={lang}").json[0],
        viewer.get(f"/executions/{execution.id}?lang={lang}").json,
    ):
        assert (view["change"]["before"], view["change"]["after"], view["present_value"]) == (2, 4, 6)
        assert (view["can_close"], view["can_roll_back"], view["closing"]) == (True, True, None)
        assert view["reason"]["code"] == "foreign_value"
        assert view["advice"]["code"] == "operator_foreign_value"
        assert all(word in view["advice"]["text"] for word in words)


@pytest.mark.parametrize("code", ["plugin_gone", "unobservable", "late_order", "rollback_failed", "anything_else"])
def test_every_cause_has_its_advice_also_where_nothing_can_be_read(system: SmallSystem, viewer: Api, code: str) -> None:
    """A value that cannot be read is null, and the advice does without it."""
    give_up(system, code=code)
    system.known_knobs.clear()
    view = needing(viewer, "&lang=en").json[0]
    assert view["present_value"] is None
    assert "workers" in view["advice"]["text"]
    assert "is –" not in view["advice"]["text"]


def test_all_that_wait_are_counted_over_all_pages(system: SmallSystem, viewer: Api) -> None:
    """However many they are, and whatever is newer."""
    waiting = [give_up(system, f"p{n:02}").id for n in range(57)]
    add_plugin(system, "busy")
    finish(system, system.state.approve(offer(system, "busy").id, None, "ann", None, time.time())[0].id)
    first = needing(viewer, "&limit=50")
    last = first.json[-1]["id"]
    rest = needing(viewer, f"&limit=50&after={last}")
    assert 'rel="next"' in first.headers["Link"]
    assert "Link" not in rest.headers
    assert sorted(e["id"] for e in first.json + rest.json) == sorted(waiting)
    assert {answer.headers["Total-Count"] for answer in (first, rest)} == {"57"}
    one = needing(viewer, "&plugin_id=p03")
    assert (len(one.json), one.headers["Total-Count"]) == (1, "1")
    assert viewer.get("/executions?needs_person=true&open=true").status_code == 400


def test_closing_is_answered_alike_however_often_it_is_asked(system: SmallSystem, operator: Api, admin: Api) -> None:
    """One entry on the audit, with who, when, the note and what stood there; the first word stands."""
    execution = give_up(system)
    path, key = f"/executions/{execution.id}/close", {"Idempotency-Key": "k1"}
    answers = [operator.post(path, json={"note": " as meant "}, headers=key) for _ in range(2)]
    answers.append(admin.post(path, json={"note": "mine"}))
    answers.append(admin.post(path))
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(answer.json["closing"]) for answer in answers}) == 1
    view = answers[0].json
    assert (view["state"], view["can_close"], view["can_roll_back"], view["advice"]) == (
        "needs_operator",
        False,
        True,
        None,
    )
    assert (view["closing"]["by"], view["closing"]["note"], view["closing"]["value"]) == (
        "operator-token",
        "as meant",
        6,
    )
    entries = admin.get("/audit?action=execution.closed").json
    assert [(e["actor"], e["subject"]) for e in entries] == [("operator-token", execution.id)]
    assert entries[0]["detail"]["closing"]["note"] == "as meant"
    assert needing(admin).headers["Total-Count"] == "0"
    steps = admin.get(f"/executions/{execution.id}?lang=en").json["steps"]
    assert "as meant" in steps[-1]["text"]


def test_a_key_of_another_request_is_refused(system: SmallSystem, operator: Api) -> None:
    """422, as for an approval; a key that cannot be kept is 400."""
    first, other = give_up(system, "a"), give_up(system, "b")
    assert operator.post(f"/executions/{first.id}/close", headers={"Idempotency-Key": "k"}).status_code == 200
    again = operator.post(f"/executions/{other.id}/close", headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json["code"]) == (422, "key_reused")
    assert operator.post(f"/executions/{other.id}/close", headers={"Idempotency-Key": "x" * 201}).status_code == 400


@pytest.mark.parametrize(("lang", "word"), [("en", "Succeeded"), ("ko", "성공")])
def test_what_needs_nobody_cannot_be_closed(system: SmallSystem, operator: Api, lang: str, word: str) -> None:
    """409 that names the state; an unknown execution is 404, a note beyond all measure 400."""
    add_plugin(system)
    done, _ = system.state.approve(offer(system).id, None, "ann", None, time.time())
    finish(system, done.id)
    refused = operator.post(f"/executions/{done.id}/close?lang={lang}")
    assert (refused.status_code, refused.json["code"]) == (409, "not_closable")
    assert word in refused.json["detail"]
    assert operator.post("/executions/ex_x/close").status_code == 404
    assert operator.post(f"/executions/{done.id}/close", json={"note": "x" * 501}).status_code == 400
    assert operator.post(f"/executions/{done.id}/close", json={"why": "x"}).status_code == 400


def test_a_viewer_may_look_and_not_close(system: SmallSystem, viewer: Api, nobody: Api) -> None:
    """403 and 401; what waits goes on waiting."""
    execution = give_up(system)
    assert viewer.post(f"/executions/{execution.id}/close").status_code == 403
    assert nobody.post(f"/executions/{execution.id}/close").status_code == 401
    assert nobody.get("/executions?needs_person=true").status_code == 401
    assert needing(viewer).headers["Total-Count"] == "1"


def test_after_closing_the_way_back_is_open_and_so_are_new_changes(system: SmallSystem, operator: Api) -> None:
    """What needs an operator blocks nothing but by the plugin's rest; closing takes nothing away."""
    execution = give_up(system)
    fresh = system.state.offer(proposal(), time.time(), time.time() + 600)
    assert operator.get(f"/suggestions/{fresh.id}").json["why_not_executable"]  # the rest after a change
    assert operator.post(f"/executions/{execution.id}/close").status_code == 200
    undone = operator.post(f"/executions/{execution.id}/rollback")
    assert (undone.status_code, undone.json["state"], undone.json["closing"]) == (202, "rb_intent", None)


def test_health_names_the_holder_of_the_lease(system: SmallSystem, viewer: Api) -> None:
    """The same words as on the audit, in whatever process is asked; nobody where nobody runs."""
    system.state.take_lease("host:17:abcdef", time.time())
    assert viewer.get("/health").json["runner"]["holder"] is None
    record_cycle(system)
    runner = viewer.get("/health").json["runner"]
    assert (runner["active"], runner["here"], runner["holder"]) == (True, False, "host:17:abcdef")
    assert system.state.audit(1, action="lease.taken")[0].actor == "host:17:abcdef"
