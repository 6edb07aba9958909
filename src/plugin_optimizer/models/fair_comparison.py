"""Whether what was observed says anything about the prediction, and if not, why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite

from ..domain import Execution, ExecutionState, Message, Outcome, Prediction, Proposal, SettingChange, Verdict
from .prediction_scale import usable

State = ExecutionState
GUARD = "guard"
REPLAY = "replay"  # the model that predicts by requests, and the judges that look at them
BY_REQUESTS = frozenset({"paired_replay", "switchback"})
JUDGING = frozenset({State.SETTLING, State.VERIFYING, State.COMPARING})
AWAY = frozenset({State.UNKNOWN, State.PARTIAL, State.FOREIGN, State.GONE})
UNDONE = frozenset({State.RB_INTENT, State.RB_APPLYING, State.ROLLED_BACK})
UNSEEN = frozenset({"need_more_windows", "missing_windows", "no_before"})
SURROUNDED = frozenset({"environment_changed", "environment_adjusted", "environment_disagrees"})
WARMING, LEDGER_WARMING, LEDGER_FIRST_LIVES = "still_warming", "ledger_warming", "ledger_first_lives"
# What the planners leave as room for; p95 of a busy pool answers to more than that with a multiple of itself.
MOST_LOAD_SHIFT = 1.2
SECONDS = "_seconds"

Step = tuple[str, float]  # the state an execution came into, and when


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is on record about an execution that ended: its steps, oldest first, the setting changes since it was
    approved, and when each of the judge's windows began. `settled_at` is when the figure that counts was taken, where
    that was later than the verdict (`late_look`).
    """

    execution: Execution
    steps: Sequence[Step]
    changes: Sequence[SettingChange]
    windows_at: Sequence[float]
    settled_at: float | None = None

    @property
    def seen_until(self) -> float | None:
        """Return until when the change had to stand alone, None where its judgement never began."""
        judged = self.judged_at
        return judged if judged is None or self.settled_at is None else max(judged, self.settled_at)

    @property
    def judged_at(self) -> float | None:
        """Return when the judgement ended, None where it never began: a later undoing does not count."""
        begin = self.execution.verifying_at
        if begin is None:
            return None
        after = [at for state, at in self.steps if at >= begin and State(state) not in JUDGING]
        return min(after, default=self.execution.finished_at)

    @property
    def was_away(self) -> bool:
        """Tell whether the knob was anywhere else, or not to be seen, before the figure that counts was taken."""
        end = self.seen_until
        if end is None:
            return True
        away = AWAY if self.settled_at is None else AWAY | UNDONE  # a judgement may end in the way back
        return any(State(state) in away and at <= end for state, at in self.steps)

    @property
    def requests_per_second(self) -> float | None:
        """Return the load that was judged; None where it is not known."""
        verdict = self.execution.verdict
        gaps = [later - earlier for earlier, later in zip(self.windows_at, self.windows_at[1:], strict=False)]
        seconds = min((gap for gap in gaps if gap > 0), default=0.0)
        if verdict is None or verdict.requests <= 0 or verdict.windows <= 0 or seconds <= 0:
            return None
        if self.execution.comparison is not None:  # its windows are blocks
            return None
        return verdict.requests / (verdict.windows * seconds)


def unfair(prediction: Prediction, proposal: Proposal, seen: Circumstances) -> Message | None:
    """Return why the outcome may not be held against the prediction (nor for it), None if it may.

    A prediction says what the change alone does, under the load it was computed for: whatever else moved makes
    the comparison one of something else.
    """
    verdict = seen.execution.verdict
    if verdict is None or not usable(prediction):
        return Message("ledger_no_figure")
    if seen.was_away or seen.execution.applied_at is None:
        return Message("ledger_not_in_force")
    return (
        _stopped_early(verdict, seen.settled_at)
        or _only_begun(seen)
        or _measured_otherwise(prediction, verdict)
        or _others_moved(verdict)
        or _setting_changed(seen)
        or _load_changed(prediction, proposal.details, seen)
    )


def _stopped_early(verdict: Verdict, settled_at: float | None) -> Message | None:
    codes = {reason.code for reason in verdict.reasons}
    if verdict.method == GUARD:
        return Message("ledger_guard")
    if codes & UNSEEN or not isfinite(verdict.after):
        return Message("ledger_too_little")
    return Message(LEDGER_WARMING) if WARMING in codes and settled_at is None else None


def _only_begun(seen: Circumstances) -> Message | None:
    """Object to the figure of an effect that comes and goes, and was seen to help when it came first."""
    verdict, goal = seen.execution.verdict, seen.execution.change.goal
    helped = verdict is not None and verdict.outcome is Outcome.BETTER
    return Message(LEDGER_FIRST_LIVES) if goal.effect_seconds > 0 and helped and seen.settled_at is None else None


def _measured_otherwise(prediction: Prediction, verdict: Verdict) -> Message | None:
    """A p95 over requests and a mean of p95s over windows are two figures."""
    by_requests = prediction.model != REPLAY or verdict.method in BY_REQUESTS
    return None if verdict.metric is prediction.metric and by_requests else Message("ledger_other_figure")


def _others_moved(verdict: Verdict) -> Message | None:
    return Message("ledger_environment") if any(r.code in SURROUNDED for r in verdict.reasons) else None


def _setting_changed(seen: Circumstances) -> Message | None:
    """Look for another setting of the plugin, or the same one in another's hand, that moved between approval and the figure."""
    execution, end = seen.execution, seen.seen_until
    if end is None:
        return None
    plugin_id = execution.change.plugin_id
    for change in _between(seen.changes, execution.created_at, end):
        if change.plugin_id == plugin_id and change.by != execution.id:
            return Message("ledger_other_change", {"knob": change.knob})
    return None


def _between(changes: Iterable[SettingChange], begin: float, end: float) -> Iterable[SettingChange]:
    return (change for change in changes if begin < change.at <= end)


def _load_changed(prediction: Prediction, details: Mapping[str, object], seen: Circumstances) -> Message | None:
    """Compare the load that was judged with the load that was replayed, where both are on record.

    Where the queue grew, more was asked for than was served and recorded: then more load now is no change.
    """
    if not prediction.metric.endswith(SECONDS):
        return None
    requests, seconds = details.get("requests"), details.get("span_seconds")
    judged = seen.requests_per_second
    if not isinstance(requests, int | float) or not isinstance(seconds, int | float) or judged is None:
        return None
    if not (requests > 0 and seconds > 0):
        return None
    shift = judged / (requests / seconds)
    most = inf if details.get("queue_grows") is True else MOST_LOAD_SHIFT
    if 1 / MOST_LOAD_SHIFT <= shift <= most:
        return None
    return Message("ledger_load_changed", {"load_ratio": round(shift, 3)})
