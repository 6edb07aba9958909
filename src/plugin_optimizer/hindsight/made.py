"""A change that stands in thought, and how it would have been judged."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..domain import Execution, ExecutionState, Policy, SeenSettings, Value
from .judged import JUDGED_SECONDS, would_be_kept
from .question import Requests
from .report import Done
from .sights import answered

SettingsAt = Callable[[str, float], SeenSettings | None]


@dataclass(slots=True)
class Made:
    """An execution of the replay. It stands until it is undone, or the recorded setting itself moves.

    `kept` is None while it is not judged.
    """

    execution: Execution
    kept: bool | None = None
    assumed: bool = False
    judged_at: float | None = None
    ended_at: float | None = None

    @property
    def stands(self) -> bool:
        return self.ended_at is None

    def done(self, stood_until: float) -> Done:
        change, at = self.execution.change, self.execution.created_at
        return Done(at, change.after, self.kept, self.assumed, self.judged_at, stood_until)

    def look(self, policy: Policy, requests: Requests, settings_at: SettingsAt, now: float) -> Execution | None:
        """Judge it if that is due, and see whether the world it changed is still there. Returns it where it is over."""
        before = self.execution.state
        if self.kept is None:
            self._judge(policy, requests, settings_at, now)
        if self.stands and self._moved(settings_at, now):
            self.ended_at = now
            if self.kept is None:
                self._end(True, now, assumed=True)
        return self.execution if self.execution.state is not before else None

    def _judge(self, policy: Policy, requests: Requests, settings_at: SettingsAt, now: float) -> None:
        change = self.execution.change
        settled = self.execution.created_at + policy.settle_seconds
        limit = settled + policy.verify_seconds
        if now < min(settled + JUDGED_SECONDS, limit):
            return
        end = min(now, limit)
        trace = answered(requests.requests(change.plugin_id, settled, end), settled, end)
        kept = would_be_kept(change, trace, settings_at(change.plugin_id, settled))
        if kept is None:
            self._end(True, end, assumed=True)
        elif kept or now >= limit:
            self._end(kept, end, assumed=False)

    def _end(self, kept: bool, at: float, *, assumed: bool) -> None:
        self.kept, self.assumed, self.judged_at = kept, assumed, at
        state = ExecutionState.SUCCEEDED if kept else ExecutionState.ROLLED_BACK
        self.execution = replace(self.execution, state=state, finished_at=at, updated_at=at, undoing=not kept)
        if not kept:
            self.ended_at = at

    def _moved(self, settings_at: SettingsAt, now: float) -> bool:
        change = self.execution.change
        seen = settings_at(change.plugin_id, now)
        value: Value | None = next((k.value for k in seen.knobs if k.name == change.knob), None) if seen else None
        return value is not None and value != change.before
