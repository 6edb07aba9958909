"""What was approved in time and waited too long: the calendar is asked again before anything is begun, never on the way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from execute.test_crash_safety import Dies, at
from execute.test_executor import ORDERS, Stage
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.store import open_in_memory

from plugin_optimizer.domain import (
    Execution,
    ExecutionState,
    Knob,
    Outcome,
    PluginStatus,
    Policy,
    SuggestionState,
)
from plugin_optimizer.execute.executor import DEADMAN_MARGIN_SECONDS
from plugin_optimizer.models.calendar import parse_freeze, parse_window
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint
from plugin_optimizer.wording import help_for, render

State = ExecutionState
WORKERS = Knob("workers", 2, 1, 16, kind="workers")
SPRING, AUTUMN = datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)  # clocks change in Berlin
FREEZE = "2027-10-31T02:30/2027-10-31T02:45 Europe/Berlin"  # its begin comes at 00:30 UTC, its end at 01:45
POLICY = Policy(settle_seconds=5.0, verify_seconds=60.0, cooldown_seconds=0.0)
LONGEST_SECONDS = POLICY.settle_seconds + POLICY.verify_seconds + DEADMAN_MARGIN_SECONDS
WAITS = {"queued": None, "claimed": "C05", "looked at": "C06", "intended": "C08"}  # where the engine died


@contextmanager
def opened(now: float) -> Iterator[Stage]:
    state = open_in_memory(lambda *_: None)
    state.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": WORKERS})
    stage = Stage(state, simulated, SimulatedTouchpoint({"orders": simulated}), now=now)
    stage.policy = POLICY
    yield stage
    state.close()


def left_waiting(stage: Stage, point: str | None) -> Execution:
    """Approve a change, and let the engine that takes it up die at `point`, before any effect."""
    execution = stage.approve()
    if point is None:
        return execution

    def die() -> None:
        raise Dies

    with at(point, die), pytest.raises(Dies):
        stage.run(execution)
    assert stage.simulated.effects == []
    return execution


@pytest.mark.parametrize("point", WAITS.values(), ids=WAITS)
def test_a_freeze_that_began_meanwhile_ends_it_and_leaves_the_suggestion_free(point: str | None) -> None:
    """The engine was away over the begin of the freeze: aborted with that reason, nothing turned, no rest; a new one opens."""
    begin = parse_freeze(FREEZE).begin
    with opened(begin - 60.0) as stage:
        stage.policy = replace(stage.policy, freezes=(FREEZE,))
        execution = left_waiting(stage, point)
        stage.now = begin
        done = stage.run(execution)
        assert done.state is State.ABORTED
        assert done.reason is not None
        assert (done.reason.code, done.reason.params) == ("freeze_began", {"freeze": FREEZE})
        assert stage.simulated.effects == []
        assert stage.state.suggestion(done.suggestion_id).state is SuggestionState.EXPIRED
        proposal = stage.state.suggestion(done.suggestion_id).proposal
        assert stage.state.offer(proposal, stage.now, stage.now + 60.0).state is SuggestionState.OPEN
        stage.now = parse_freeze(FREEZE).end
        assert stage.run(stage.approve()).state is State.SUCCEEDED


@pytest.mark.parametrize("code", ["freeze_began", "window_ended"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_reason_says_that_it_waited_and_what_to_do(code: str, lang: str) -> None:
    """In both languages, other than what is answered to a click within the freeze."""
    with opened(parse_freeze(FREEZE).begin) as stage:
        calendars = {"freeze_began": {"freezes": (FREEZE,)}, "window_ended": {"windows": ("Tue 00:00-01:00 UTC",)}}
        stage.policy = replace(stage.policy, **calendars[code])  # type: ignore[arg-type]
        reason = stage.run(stage.approve()).reason
    assert reason is not None
    assert reason.code == code
    assert ("while it waited" if lang == "en" else "기다리는 동안") in render(reason, lang)
    assert help_for(reason, lang)


@given(
    st.sampled_from([SPRING, AUTUMN]),
    st.integers(-2 * 3600, 2 * 3600),
    st.integers(0, 300) | st.integers(400, 3 * 3600),
    st.sampled_from(list(WAITS.values())),
    st.sampled_from([
        FREEZE, "2027-03-28T02:30/2027-03-28T03:30 Europe/Berlin", "2027-03-28T09:00/2027-03-28T10:00 Asia/Seoul",
        "Sun 02:30-03:30 Europe/Berlin", "Sun 01:30-02:30 Europe/Berlin", "Sat 23:00-02:30 Europe/Berlin",
    ]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_nothing_begins_in_quiet_time_however_long_it_waited(
    day: datetime, second: int, waited: int, point: str | None, text: str
) -> None:
    """Around both clock changes: approved any time, taken up any time later. It is made exactly where it may be then."""
    is_freeze = text.startswith("2027")
    begun = (day + timedelta(seconds=second)).timestamp()
    with opened(begun) as stage:
        execution = left_waiting(stage, point)  # no calendar was in its way
        stage.policy = replace(stage.policy, **{"freezes" if is_freeze else "windows": (text,)})  # type: ignore[arg-type]
        stage.now += waited
        taken_up = [stage.now, stage.now + 5.0]  # the ticks to its last step
        done = stage.run(execution)
    quiet = [parse_freeze(text).holds(t) if is_freeze else not parse_window(text).holds(t) for t in taken_up]
    if all(quiet):
        assert (done.state, stage.simulated.effects) == (State.ABORTED, [])
    elif not any(quiet):
        late = point is not None and waited > LONGEST_SECONDS
        assert done.state is (State.ABORTED if late else State.SUCCEEDED)


@pytest.mark.parametrize("point", ["C05", "C08"])
def test_what_waited_beyond_its_time_is_not_begun(point: str) -> None:
    """Claimed, and the engine away for longer than the dead man's time: aborted before any effect, not begun and undone."""
    with opened(1_000.0) as stage:
        execution = left_waiting(stage, point)
        stage.now += LONGEST_SECONDS + 10.0
        done = stage.run(execution)
        assert (done.state, stage.simulated.effects) == (State.ABORTED, [])
        assert done.reason is not None
        assert done.reason.code == "waited_too_long"


@pytest.mark.parametrize("until", [State.SETTLING, State.VERIFYING])
def test_the_way_back_is_never_in_the_way_of_a_freeze(until: ExecutionState) -> None:
    """Frozen once it was made: what is worse goes back at once, and so does what a person asks for."""
    begin = parse_freeze(FREEZE).begin
    for asked in (False, True):
        with opened(begin - 60.0) as stage:
            stage.policy = replace(stage.policy, freezes=(FREEZE,))
            execution = stage.run(stage.approve(), until=frozenset({until}))
            stage.now = begin + 1.0
            if asked:
                stage.state.ask_rollback(execution.id, "ann", stage.now)
            stage.judge.outcome = Outcome.WORSE
            done = stage.run(execution)
            assert (done.state, stage.workers) == (State.ROLLED_BACK, 2)
            assert done.finished_at is not None
            assert parse_freeze(FREEZE).holds(done.finished_at)
