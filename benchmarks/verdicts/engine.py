"""A case judged by the engine: the product's own executor, its store, judge, guards, decisions and deadlines.

Only the service and the clock are simulated. The executor looks at it as it looks at any other: every second while a
change settles, every five while it is judged.
"""

import sqlite3
from dataclasses import dataclass

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from plugin_optimizer.domain import (
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Knob,
    Message,
    Metric,
    Outcome,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
    Pool,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
)
from plugin_optimizer.execute.before import ran_since
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.state.database import Database
from plugin_optimizer.plan.workers import WorkersPlanner
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .cases import Case, Way
from .opinion import Claim, Opinion
from .world import CHANGE_AT, HOST_CORES, PLUGIN, Death, Monitored

State = ExecutionState
DAY = 1_700_006_400.0  # any moment
TURN_SECONDS, SETTLE_SECONDS = 0.25, 1.0
JUDGE_SECONDS = 5.0  # as often as the executor judges: asked more often it does nothing
PLANNED = WorkersPlanner()
CLAIMS = {
    Outcome.BETTER: Claim.BETTER,
    Outcome.SAME: Claim.SAME,
    Outcome.WORSE: Claim.WORSE,
    Outcome.INCONCLUSIVE: Claim.OPEN,
}


def goal_of(case: Case) -> Goal:
    """Return the goal that the planner of such a change gives it."""
    if case.way is Way.REPAIR:
        return Goal(Metric.ERROR_RATIO, Direction.DOWN, Purpose.REPAIR, slo=0.01)
    saving = case.way in {Way.FEWER, Way.THREADS}
    effect = PLANNED.saving_effect_ratio if saving else PLANNED.least_gain_ratio
    purpose = Purpose.SAVE if saving else Purpose.IMPROVE
    return Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, purpose, effect, slo=case.slo_seconds)


def pools_of(case: Case) -> tuple[Pool, Pool] | None:
    """Return how the change says that requests are served; None where it turns no number of workers."""
    if case.way in {Way.SETTING, Way.REPAIR}:
        return None
    if case.way is Way.THREADS:
        old, new = (
            Pool("gthread", workers // _threads(case), threads=_threads(case), cores=HOST_CORES)
            for workers in case.claimed
        )
    else:
        old, new = (Pool("sync", workers, cores=HOST_CORES) for workers in case.claimed)
    return old, new


@dataclass(slots=True)
class Trial:
    """One case on its way through the executor. What is measured exists from the moment the change has taken effect."""

    case: Case
    now: float = DAY
    seen: Monitored | None = None
    settled_at: float | None = None

    def judged(self) -> tuple[Opinion, Monitored, float]:
        """Return what the engine came to, what was measured, and when (since the change) it had settled."""
        state = _empty_store()
        try:
            return self._led(state)
        finally:
            state.close()

    def _led(self, state: SqlStateStore) -> tuple[Opinion, Monitored, float]:
        plugin = Plugin(PLUGIN, "simulated")
        state.save_plugin(plugin, PluginStatus.ACTIVE, self.now)
        knob = _knob(self.case)
        touchpoint = Host(case=self.case, plugins={PLUGIN: SimulatedPlugin(plugin, {knob.name: knob})})
        policy = Policy(response_time_seconds=self.case.slo_seconds)
        executor = Executor(
            state, {"simulated": touchpoint}, ChangeVerifier(), lambda: Policies(policy), self._sight, lambda: False
        )
        change = Change(PLUGIN, knob.name, knob.value, _target(self.case), goal_of(self.case))
        suggestion = state.offer(_proposal(change), self.now, self.now + 3600.0)
        execution = state.approve(suggestion.id, suggestion.revision, "admin", None, self.now)[0]
        while True:
            executor.tick(self.now)
            present = state.execution(execution.id)
            if present.applied_at is not None and self.seen is None:
                self._begin(present, touchpoint)
            if present.state in {State.SUCCEEDED, State.RB_INTENT}:
                return self._opinion(present), self._known(), self._settled(present)
            if present.state in {State.ABORTED, State.NEEDS_OPERATOR, State.FOREIGN, State.GONE}:
                raise AssertionError(f"the simulated change ended as {present.state}: {present.reason}")
            self.now += _pause(present)

    def _begin(self, execution: Execution, touchpoint: SimulatedTouchpoint) -> None:
        assert execution.applied_at is not None, "asked once it is applied"
        epoch = execution.applied_at - CHANGE_AT
        self.seen = Monitored.of(self.case.world.requests(), epoch, self.case.world.death)
        touchpoint.plugins[PLUGIN].gone = self.case.world.death is Death.EXITED

    def _sight(self, execution: Execution, now: float) -> Sight:
        """Show the stretches that `bootstrap.SightOf` shows; a target that has exited cannot be read."""
        begin, applied = execution.created_at, execution.applied_at or now
        settled, seen = execution.verifying_at or now, self._known()
        readable = self.case.world.death is not Death.EXITED
        return Sight(
            before=seen.stretch(ran_since(execution, ()), begin, now),
            since=seen.stretch(applied, now, now),
            after=seen.stretch(settled, now, now),
            pools=pools_of(self.case) if readable else None,
            readable=readable,
        )

    def _known(self) -> Monitored:
        assert self.seen is not None, "looked at after the change only"
        return self.seen

    def _settled(self, execution: Execution) -> float:
        applied = execution.applied_at or self.now
        return (execution.verifying_at or self.now) - applied

    def _opinion(self, execution: Execution) -> Opinion:
        assert execution.applied_at is not None, "it took effect"
        verdict = execution.verdict
        claim = Claim.OPEN if verdict is None else CLAIMS[verdict.outcome]
        reason = "" if execution.reason is None else execution.reason.code
        told = "" if verdict is None else " ".join(reason.code for reason in verdict.reasons)
        kept = execution.state is State.SUCCEEDED
        return Opinion(claim, kept, self.now - execution.applied_at, f"{reason}: {told}")


@dataclass(slots=True)
class Host(SimulatedTouchpoint):
    """Says of the simulated plugin how it serves requests, on a host with cores to spare."""

    case: Case | None = None

    def pool(self, plugin: Plugin) -> Pool | None:
        pools = None if self.case is None else pools_of(self.case)
        return None if pools is None or not tuple(self.knobs(plugin)) else pools[0]


def _empty_store() -> SqlStateStore:
    """Return the product's store in memory: a set of cases would wait for the disk most of its time."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    return SqlStateStore(Database(create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)))


def _pause(execution: Execution) -> float:
    if execution.state is State.VERIFYING:
        return JUDGE_SECONDS
    return SETTLE_SECONDS if execution.state is State.SETTLING else TURN_SECONDS


def _knob(case: Case) -> Knob:
    if case.way in {Way.SETTING, Way.REPAIR}:
        return Knob("setting", "old", choices=("old", "new"), kind="setting")
    return Knob("workers", case.claimed[0] // _threads(case), 1, 64, kind="workers")


def _target(case: Case) -> int | str:
    return "new" if case.way in {Way.SETTING, Way.REPAIR} else case.claimed[1] // _threads(case)


def _threads(case: Case) -> int:
    return 2 if case.way is Way.THREADS else 1


def _proposal(change: Change) -> Proposal:
    title = Message("increase_workers", {"from_workers": 1, "to_workers": 2})
    return Proposal(PLUGIN, SuggestionType.INCREASE_WORKERS, title, change, None, Risk.LOW, 0.9)
