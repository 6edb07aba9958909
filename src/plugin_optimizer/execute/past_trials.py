"""What earlier changes of a plugin's knobs taught, read off its executions: nothing is stored of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..contracts import SampleStore, StateStore
from ..domain import FINAL, Execution, ExecutionState, Knob, Metric, Outcome, Trial
from ..models.knob_space import TRIED

LATEST = 100  # executions of a plugin, newest first
BY_A_PERSON = "rollback_asked"

State = ExecutionState
Ended = tuple[tuple[str, ExecutionState], ...]


@dataclass(slots=True)
class PastTrials:
    """The trials of plugins whose knobs may be experimented with. A plugin is read again when one of its changes ended."""

    state: StateStore
    samples: SampleStore
    known: dict[str, tuple[Ended, tuple[Trial, ...]]] = field(default_factory=dict)
    loads: dict[str, float] = field(default_factory=dict)  # by execution

    def of(self, plugin_id: str, knobs: Iterable[Knob], executions: Iterable[Execution]) -> tuple[Trial, ...]:
        """Return a plugin's trials in the order in which they ended; none where no knob is of kind `performance`.

        `executions` are the latest of the fleet.
        """
        if not any(knob.kind in TRIED for knob in knobs):
            return ()
        ended = tuple((e.id, e.state) for e in executions if e.change.plugin_id == plugin_id and e.state in FINAL)
        known = self.known.get(plugin_id)
        if known is None or known[0] != ended:
            known = self.known[plugin_id] = (ended, self._read(plugin_id))
        return known[1]

    def _read(self, plugin_id: str) -> tuple[Trial, ...]:
        found = self.state.executions(plugin_id=plugin_id, limit=LATEST)
        trials = [trial_of(e, self._load(e)) for e in found if e.applied_at is not None and e.state in FINAL]
        return tuple(sorted(trials, key=lambda trial: trial.ended_at))

    def _load(self, execution: Execution) -> float:
        """Return how many requests per second were served while the change was watched; NaN where nobody counted."""
        if execution.id not in self.loads:
            begin, end = execution.applied_at or 0.0, execution.finished_at or execution.updated_at
            metric = Metric.THROUGHPUT_PER_SECOND
            found = self.samples.range(execution.change.plugin_id, (metric,), begin, end, 1).get(metric, ())
            self.loads[execution.id] = mean([value for _, value in found])
        return self.loads[execution.id]


def trial_of(execution: Execution, load_per_second: float = float("nan")) -> Trial:
    """Return what an execution that took effect and ended taught. What was given up half-way is no value to keep."""
    change, verdict = execution.change, execution.verdict
    ended_at = execution.finished_at or execution.updated_at
    kept = execution.state is State.SUCCEEDED
    nan = float("nan")
    return Trial(
        knob=change.knob,
        before=change.before,
        after=change.after,
        metric=change.goal.metric,
        ended_at=ended_at,
        steady_since=(execution.applied_at or ended_at) if kept else ended_at,
        kept=kept,
        outcome=verdict.outcome if verdict else None,
        effect=verdict.effect if verdict else nan,
        low=verdict.low if verdict else nan,
        high=verdict.high if verdict else nan,
        harmful=verdict is not None and verdict.outcome is Outcome.WORSE,
        refused=not kept and execution.reason is not None and execution.reason.code == BY_A_PERSON,
        load_per_second=load_per_second,
    )


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
