"""The reckoning after a run, from the ledger of the target and the database alone. Letters as in docs/SAFETY.md."""

import json
import sqlite3
import time
from collections.abc import Iterator
from itertools import pairwise

from plugin_optimizer.domain import FINAL, TRANSITIONS, Conflict, Execution, ExecutionState
from plugin_optimizer.knowledge import SqlStateStore, open_state

from .case import AFTER, BEFORE, COURSES, FOREIGN, Case, Room
from .furnish import approve
from .ledger import LAG_SECONDS, Entry, Ledger
from .targets import config_with

LATEST_AFTER_STOP_SECONDS = 1.0
WAY = range(min(BEFORE, AFTER), max(BEFORE, AFTER) + 1)


def broken_promises(case: Case, room: Room) -> tuple[str, int, list[str]]:
    """Return how the execution ended, how many effects were ordered, and every promise that was broken."""
    time.sleep(LAG_SECONDS)  # what was ordered last shows now
    store, ledger = open_state(room.state), Ledger(room.ledger)
    try:
        executions = store.executions()
        execution = executions[0]
        broken = [
            *_once(executions, store, execution),
            *_ended(case, execution),
            *_effects(ledger.orders()),
            *_applied(case, ledger.applied()),
            *_announced(ledger.orders(), room, execution),
            *_left_behind(execution, ledger),
            *_config_file(execution, room),
            *_stopped(ledger.entries()),
            *_foreign(ledger, execution),
            *_audited(store, room, execution),
        ]
    finally:
        store.close()
    return execution.state.value, len(ledger.orders()), broken


def _once(executions: object, store: SqlStateStore, execution: Execution) -> Iterator[str]:
    again = approve(store, execution.suggestion_id)
    if again.id != execution.id:
        yield f"(b) the acknowledged approval was answered with {again.id}, not {execution.id}"
    if len(store.executions()) != 1:
        yield f"(a) one suggestion has {len(store.executions())} executions"


def _ended(case: Case, execution: Execution) -> Iterator[str]:
    if execution.state not in FINAL:
        yield f"(b) it is {execution.state} for ever"
    elif execution.state not in COURSES[case.course].ends:
        code = execution.reason.code if execution.reason else "no reason"
        yield f"(b) it ended {execution.state} ({code}), not {'/'.join(COURSES[case.course].ends)}"


def _effects(orders: list[Entry]) -> Iterator[str]:
    """No order while another is under way, none upon a record that is not the last any more, none beyond the way."""
    turns = [order for order in orders if order.kind == "turn"]
    for first, second in pairwise(turns):
        if first.delta and second.at < first.at + LAG_SECONDS:  # a real target may show it sooner
            yield f"(a) a second step {second.at - first.at:.3f} s after the first, which was still to come"
    for order in orders:
        if order.final:
            yield f"(stale) an effect upon record {order.fence} after the end, {order.recorded}, was on file"
        if order.to not in WAY or order.seen not in WAY:
            yield f"(f) a step from {order.seen} to {order.to}"
    for first, second in pairwise(orders):
        if second.fence <= first.fence:
            yield f"(stale) an effect with fence {second.fence} came after one with {first.fence}"


def _applied(case: Case, values: list[int]) -> Iterator[str]:
    """What really happened to something real: each value once on the way there, once on the way back."""
    ways = [1 if second > first else -1 for first, second in pairwise([BEFORE, *values])]
    if any(first == second for first, second in pairwise([BEFORE, *values])):
        yield f"(a) a value was given twice in a row: {values}"
    if sum(first != second for first, second in pairwise(ways)) > 1 and COURSES[case.course].trouble != "foreign":
        yield f"(a) there and back and there again: {values}"
    if not set(values) <= {*WAY, FOREIGN}:
        yield f"(f) it went to {values}"


def _announced(orders: list[Entry], room: Room, execution: Execution) -> Iterator[str]:
    written = _announcements(room, execution)
    for order in orders:
        if written.get(order.fence) != order.seen:
            yield f"(c) the step from {order.seen} with fence {order.fence} is not on record; {written} are"


def _announcements(room: Room, execution: Execution) -> dict[int, object]:
    """Return by fence the value from which each step on record was announced."""
    query = "SELECT detail FROM audit WHERE subject = ? AND action IN (?, ?) ORDER BY number"
    actions = (f"execution.{ExecutionState.APPLYING}", f"execution.{ExecutionState.RB_APPLYING}")
    connection = sqlite3.connect(room.state)
    try:
        rows = [json.loads(row[0]) for row in connection.execute(query, (execution.id, *actions))]
    finally:
        connection.close()
    return {row["fence"]: row["step"]["seen"] for row in rows if row["step"] is not None}


def _left_behind(execution: Execution, ledger: Ledger) -> Iterator[str]:
    ends = {ExecutionState.SUCCEEDED: AFTER, ExecutionState.ROLLED_BACK: BEFORE, ExecutionState.ABORTED: BEFORE}
    expected, value = ends.get(execution.state), ledger.value()
    letter = "b" if execution.state is ExecutionState.SUCCEEDED else "d"
    if expected is not None and value != expected:
        yield f"({letter}) {value} runs after {execution.state}, not {expected}"
    kept = ledger.persisted()
    if execution.state is ExecutionState.ROLLED_BACK and kept not in (None, BEFORE):
        yield f"(d) a restart would bring {kept} after the way back to {BEFORE}"
    if execution.state is ExecutionState.SUCCEEDED and kept != AFTER:
        yield f"(b) a restart would bring {kept} after success with {AFTER}"


def _config_file(execution: Execution, room: Room) -> Iterator[str]:
    """A real gunicorn's file holds the new number after success, and every byte of the old one after the way back."""
    workers = AFTER if execution.state is ExecutionState.SUCCEEDED else BEFORE
    for path in room.path.glob("*/gunicorn_conf.py"):
        if path.read_text() != config_with(workers, room):
            yield f"(d) {path.name} is not what it should be after {execution.state}: {path.read_text()[:200]}"


def _stopped(entries: list[Entry]) -> Iterator[str]:
    stopped = [entry.at for entry in entries if entry.kind == "stop"]
    for entry in entries:
        if stopped and entry.kind == "turn" and entry.delta > 0 and entry.at > stopped[0] + LATEST_AFTER_STOP_SECONDS:
            yield f"(e) a forward step {entry.at - stopped[0]:.3f} s after the emergency stop"


def _foreign(ledger: Ledger, execution: Execution) -> Iterator[str]:
    kinds = [entry.kind for entry in ledger.entries()]
    if "foreign" in kinds and ledger.value() != FOREIGN:
        yield f"(g) somebody else's {FOREIGN} became {ledger.value()}"


def _audited(store: SqlStateStore, room: Room, execution: Execution) -> Iterator[str]:
    try:
        store.verify_audit()
    except Conflict as error:
        yield f"(h) {error}"
    states = [state for state, _, _, _ in store.steps(execution.id)]
    connection = sqlite3.connect(room.state)
    try:
        query = "SELECT action FROM audit WHERE subject = ? AND action LIKE 'execution.%' ORDER BY number"
        rows = connection.execute(query, (execution.id,)).fetchall()
    finally:
        connection.close()
    if states != [row[0].removeprefix("execution.") for row in rows]:
        yield f"(h) {len(states)} changes of state have {len(rows)} audit rows"
    for before, after in pairwise(states):
        if before != after and ExecutionState(after) not in TRANSITIONS[ExecutionState(before)]:
            yield f"(h) {after} followed {before}"
