"""What the engine gave up waits for a person until somebody says that they have looked."""

import json
import sqlite3
from contextlib import closing as finally_closed
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Closing, Conflict, Execution, Message, NotFound
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.lives import TO_APPLYING, TO_SUCCEEDED, S, claimed, queued, walk
from tests.knowledge.proposals import HOUR, NOW, proposal

GIVEN_UP = (*TO_APPLYING, S.NEEDS_OPERATOR)


def given_up(state: SqlStateStore, plugin_id: str = "orders", at: float = NOW) -> Execution:
    return walk(state, claimed(state, proposal(plugin_id), at), *GIVEN_UP, at=at)


def close(state: SqlStateStore, execution: Execution, key: str | None = None, note: str = "meant") -> bool:
    return state.close_execution(execution.id, "bob", note, 6, key, NOW + 9)[1]


def needing(state: SqlStateStore) -> list[str]:
    assert state.count_needing_person() == len(state.needing_person())
    return [execution.id for execution in state.needing_person()]


def test_who_closed_it_when_and_why_is_on_record(state: SqlStateStore) -> None:
    """The execution, its course and the audit say so; its state stays what it was, nothing else moves."""
    execution = given_up(state)
    before = state.verify_audit()
    closed, fresh = state.close_execution(execution.id, "bob", "meant", 6, None, NOW + 9)
    assert fresh
    assert closed == replace(execution, closing=Closing(NOW + 9, "bob", "meant", 6)) == state.execution(execution.id)
    said = Message("closed_by_person", {"actor": "bob", "knob": execution.change.knob, "value": 6, "note": "meant"})
    assert state.steps(execution.id)[-1] == ("needs_operator", NOW + 9, "bob", said)
    entry = state.audit(1)[0]
    assert state.verify_audit() == before + 1 == entry.number
    assert (entry.at, entry.actor, entry.action, entry.subject) == (NOW + 9, "bob", "execution.closed", execution.id)
    assert entry.detail["closing"] == {"at": NOW + 9, "by": "bob", "note": "meant", "value": 6}
    assert (entry.detail["suggestion_id"], entry.detail["fence"]) == (execution.suggestion_id, execution.fence)
    assert entry.detail["change"] == state.audit(subject=execution.id)[-1].detail["change"]


def test_closing_again_changes_nothing(state: SqlStateStore) -> None:
    """Whoever comes later gets the first answer: another person, another note, another key."""
    first = given_up(state)
    assert close(state, first, "k1")
    entries = state.verify_audit()
    for actor, note, key in [("bob", "meant", "k1"), ("ann", "mine", None), ("bob", "other", "k2")]:
        again, fresh = state.close_execution(first.id, actor, note, 8, key, NOW + 20)
        assert not fresh
        assert again.closing == Closing(NOW + 9, "bob", "meant", 6)
    assert state.verify_audit() == entries


def test_a_key_is_for_one_request(state: SqlStateStore) -> None:
    """Its reuse for another execution, another note or an approval is refused; another person's keys are their own."""
    one, other = given_up(state, "a"), given_up(state, "b")
    assert close(state, one, "k1")
    offered = state.offer(proposal("c"), NOW, NOW + HOUR)
    for again in (
        lambda: close(state, other, "k1"),
        lambda: close(state, one, "k1", "another note"),
        lambda: state.approve(offered.id, None, "bob", "k1", NOW),
    ):
        with pytest.raises(Conflict) as caught:
            again()
        assert caught.value.code == "key_reused"
    assert state.close_execution(other.id, "ann", "meant", None, "k1", NOW)[1]


def test_only_what_needs_an_operator_can_be_closed(state: SqlStateStore) -> None:
    """The refusal says in which state it is; nothing is written."""
    others = [
        queued(state, proposal("a")),
        claimed(state, proposal("b")),
        walk(state, claimed(state, proposal("c")), *TO_APPLYING),
        walk(state, claimed(state, proposal("d")), *TO_SUCCEEDED),
        walk(state, claimed(state, proposal("e")), S.ABORTED),
        walk(state, claimed(state, proposal("f")), *TO_APPLYING, S.FOREIGN),
    ]
    entries = state.verify_audit()
    for execution in others:
        with pytest.raises(Conflict, match=execution.state.value) as caught:
            close(state, execution, "k1")
        assert caught.value.code == "not_closable"
    with pytest.raises(NotFound):
        state.close_execution("ex_x", "bob", "", None, None, NOW)
    assert state.verify_audit() == entries


def test_what_is_closed_can_still_go_back_and_then_needs_somebody_anew(state: SqlStateStore) -> None:
    """A word about what stood there does not hold for what comes of the way back; nor does its key close it again."""
    execution = given_up(state)
    assert close(state, execution, "k1")
    undoing = state.ask_rollback(execution.id, "ann", NOW + 20)
    assert undoing.closing is None
    again = walk(state, undoing, S.RB_APPLYING, S.NEEDS_OPERATOR, at=NOW + 30)
    assert needing(state) == [execution.id]
    assert not close(state, again, "k1")
    assert needing(state) == [execution.id]
    assert close(state, again, "k2")
    assert needing(state) == []


def test_a_later_change_of_the_setting_stands_in_its_place(state: SqlStateStore) -> None:
    """Kept, or given up itself; once that one is undone, the older one waits again."""
    first = given_up(state)
    later = walk(state, claimed(state, proposal(before=4, after=6), NOW + 1), *TO_SUCCEEDED, at=NOW + 1)
    assert needing(state) == []
    other = walk(state, claimed(state, proposal(knob="threads"), NOW + 2), *GIVEN_UP, at=NOW + 2)
    assert needing(state) == [other.id]
    walk(state, state.ask_rollback(later.id, "ann", NOW + 3), S.RB_APPLYING, S.ROLLED_BACK, at=NOW + 4)
    assert needing(state) == [other.id, first.id]


def test_all_that_wait_are_counted_and_come_in_pages(state: SqlStateStore) -> None:
    """However many executions are newer; of all plugins, or of one."""
    waiting = [given_up(state, f"p{n}", NOW + n).id for n in range(7)][::-1]
    for n in range(60):
        walk(state, claimed(state, proposal(f"q{n}"), NOW + 100 + n), S.ABORTED)
    assert needing(state) == waiting
    first = [e.id for e in state.needing_person(limit=4)]
    assert first + [e.id for e in state.needing_person(limit=4, after=first[-1])] == waiting
    assert [e.id for e in state.needing_person("p3")] == [waiting[3]]
    assert (state.count_needing_person("p3"), state.count_needing_person("q3")) == (1, 0)


def test_a_state_of_the_version_before_is_led_here(tmp_path: Path) -> None:
    """What needed an operator before there was a closing waits for one, and can be closed."""
    path = tmp_path / "state.db"
    older = open_state(path)
    execution = given_up(older)
    older.close()
    with finally_closed(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP INDEX executions_needing")
        connection.execute("ALTER TABLE executions DROP COLUMN closed_at")
        newer = ("anomaly_feedback", "past_incidents", "incident_plugins", "plugin_groups")
        for later in ("notification_cursor", "incidents", "notifications", *newer):
            connection.execute(f"DROP TABLE {later}")
        connection.execute("ALTER TABLE suggestions DROP COLUMN snooze")
        connection.execute("ALTER TABLE executions DROP COLUMN suggestion_type")
        connection.execute("ALTER TABLE executions DROP COLUMN approved_by")
        (body,) = connection.execute("SELECT body FROM executions").fetchone()
        plain = {name: value for name, value in json.loads(body).items() if name != "closing"}
        connection.execute("UPDATE executions SET body=?", [json.dumps(plain)])
        connection.execute("UPDATE schema_version SET version=3")
    led = open_state(path)
    assert needing(led) == [execution.id]
    assert close(led, execution)
    assert needing(led) == []
    led.close()


def test_the_lease_names_its_holder(state: SqlStateStore) -> None:
    """Nobody before the first; then whoever took it last."""
    assert state.lease_holder() is None
    state.take_lease("a:1:abc", NOW)
    state.take_lease("b:2:def", NOW + 1)
    assert state.lease_holder() == "b:2:def"
