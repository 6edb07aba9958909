"""The state machine of executions: what happens next, one durable transition at a time.

Each handler takes the stored execution and returns it as it should stand now; the write compares state and
fence, so a handler that lost a race changes nothing. Every handler may be run again from the start: that is
all that recovery after a crash consists of.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..contracts import MOST_OPEN_EXECUTIONS, Desired, StateStore, Touchpoint, Verifier
from ..domain import Execution, ExecutionState, Message, OptimizerError, Outcome, Policies, Stale, Verdict
from . import apply, lasting, turns
from .actuator import Actuator, LocalActuator
from .crashpoints import AFTER_WRITE, BEFORE_WRITE, reached
from .decision import SAVING_WATCHED, Decision, decide, told
from .doubt import Doubt
from .keeper import incarnation_of
from .pace import Pace
from .patience import Patience
from .preflight import preflight
from .referee import Referee, Unwilling
from .settle import has_settled, longest_seconds
from .sight import Sight
from .verifier import guard, live_windows
from .whereabouts import Whereabouts

log = logging.getLogger(__name__)
ACTOR = "engine"
DEADMAN_MARGIN_SECONDS = 300.0

State = ExecutionState
JUDGED = frozenset({State.SETTLING, State.VERIFYING, State.COMPARING})
LASTING = frozenset(
    {State.VERIFYING, State.COMPARING, State.RB_INTENT}
)  # what they make to last bears the fence of the record itself


@dataclass(slots=True)
class Executor(Whereabouts):
    """Moves executions on. `sight` looks up samples and traces; `stopped` is the emergency stop.

    Knobs are turned and values made to last by the `actuator` alone. The one made where none is given remembers fences no
    longer than this executor lives.
    """

    state: StateStore
    touchpoints: Mapping[str, Touchpoint]
    verifier: Verifier
    policies: Callable[[], Policies]
    sight: Callable[[Execution, float], Sight]
    stopped: Callable[[], bool]
    actuator: Actuator = field(default_factory=LocalActuator)
    referee: Referee = field(default_factory=Unwilling)
    patience: Patience = field(default_factory=Patience)
    doubt: Doubt = field(default_factory=Doubt)
    pace: Pace = field(default_factory=Pace)

    def tick(self, now: float, steady: float | None = None) -> int:
        """Move every open execution one transition on; return how many are still open.

        `now` is wall time. `steady` are seconds of a clock that nobody sets; left out, `now` counts as one.
        """
        open_executions = self.state.executions(open_only=True, limit=MOST_OPEN_EXECUTIONS)
        self.patience.tick(open_executions, now, now if steady is None else steady)
        for memory in (self.doubt, self.pace):
            memory.forget(frozenset(e.id for e in open_executions))
        for execution in open_executions:
            try:
                self._advance(execution, now)
            except Stale:
                log.info("execution %s was moved on by somebody else", execution.id)
            except OptimizerError as error:
                log.warning("execution %s: %s", execution.id, error)
            except Exception:  # a touchpoint's fault must not keep the others from moving on
                log.exception("execution %s", execution.id)
        return len(open_executions)

    def _advance(self, execution: Execution, now: float) -> None:
        if execution.state is State.QUEUED:
            self._claim(execution, now)
            return
        after = self.doubt.believed(execution, self._handled(execution, now), steady := self.patience.last_tick or 0.0)
        if self.doubt.doubted(execution.id, steady):
            self.pace.at_once(execution.id)  # two looks far apart cannot tell that a value stood
        if after.state is State.ROLLED_BACK and after.persisted:  # it could not be taken back when the way began
            after = replace(after, persisted=not self._persist(after))
        own = after.state is State.ROLLED_BACK or execution.state in LASTING
        if after == execution:
            return
        if own or (execution.step is not None and after.state is not execution.state):
            self._bar(replace(execution, fence=execution.fence + own))  # whoever has yet to order it comes too late
        self._write(after, execution, now)

    def _handled(self, execution: Execution, now: float) -> Execution:
        try:
            return self._handlers()[execution.state](execution, now)
        except Exception:
            if execution.state not in JUDGED or not self._overdue(execution):
                raise
            log.exception("execution %s", execution.id)  # a judgement that always fails does not outlive the dead man
            return apply.undo(execution, Message("deadman", {}))

    def _claim(self, execution: Execution, now: float) -> None:
        refusal, policy = self.forbidden(execution, now), self.policy(execution)
        if refusal is not None:
            self._write(replace(execution, state=State.ABORTED, reason=refusal), execution, now)
            return
        deadman = now + longest_seconds(execution.change, policy) + policy.verify_seconds + DEADMAN_MARGIN_SECONDS
        self.state.claim(execution.id, ACTOR, now, deadman)
        reached("C05")

    def _handlers(self) -> Mapping[State, Callable[[Execution, float], Execution]]:
        return {
            State.CLAIMED: self._claimed,
            State.INTENT: self._intent,
            State.APPLYING: self._turning,
            State.APPLIED: lambda applied, now: replace(applied, state=State.SETTLING, applied_at=now, tries=0),
            State.SETTLING: self._settling,
            State.VERIFYING: self._verifying,
            State.COMPARING: self._comparing,
            State.RB_INTENT: self._rollback_intent,
            State.RB_APPLYING: self._turning,
            State.UNKNOWN: self._unknown,
            State.PARTIAL: self._unknown,
            State.GONE: self._gone,
            State.FOREIGN: self._foreign,
        }

    def _write(self, after: Execution, before: Execution, now: float) -> Execution:
        reached(BEFORE_WRITE.get(after.state))
        stored = self.state.advance(after, before.state, ACTOR, now)
        reached(AFTER_WRITE.get(stored.state))
        return stored

    # On the way to the change

    def _claimed(self, execution: Execution, now: float) -> Execution:
        refusal = preflight(execution, self.touchpoint(execution), self.plugin(execution), self.policy(execution))
        reached("C06")
        refusal = refusal or self._too_late(execution, now)
        return apply.follow(execution, refusal, State.INTENT)  # written before any effect

    def _intent(self, execution: Execution, now: float) -> Execution:
        return apply.follow(execution, self._too_late(execution, now), State.APPLYING)  # after a restart, perhaps

    def _turning(self, execution: Execution, now: float) -> Execution:
        if self.stopped() and not execution.undoing:
            return apply.undo(execution, Message("emergency_stop", {}))
        if not execution.undoing and self._overdue(execution):
            return apply.undo(execution, Message("deadman", {}))
        touchpoint, time_seen = self.touchpoint(execution), self.patience.time_of(execution)
        look = apply.next_state if execution.comparison is None or execution.undoing else turns.Look(now)
        after, effect = look(touchpoint, self.plugin(execution), execution, time_seen)
        if effect is None:
            return execution if after == replace(execution, observed=after.observed) else after
        refusal = None if execution.undoing else self.forbidden(execution, now)
        if refusal is not None:
            return apply.undo(execution, refusal)
        step = None if after.step is None else replace(after.step, at=now)
        announced = self._write(replace(after, step=step, ordered=True), execution, now)  # on record before the deed
        reached("C20A" if execution.undoing else "C09")
        if not self.holds(announced):
            return execution
        if self.stopped() and not execution.undoing:  # last of all: the write and the look may have taken their time
            self._write(apply.undo(announced, Message("emergency_stop", {})), announced, now)
            return execution
        reached("C20L" if execution.undoing else "C09L")
        refusal = apply.take(self.actuator, touchpoint, effect, announced)
        reached("C20" if execution.undoing else "C10")
        if refusal is not None:
            self._write(turns.refused(announced, refusal), announced, now)
        return execution

    def _settling(self, execution: Execution, now: float) -> Execution:
        sight = self.sight(execution, now)
        if (harm := self._harm(execution, sight)) is not None:
            return apply.undo(execution, Message("guard_tripped", {}), harm)
        elapsed = self.patience.seconds_since(execution, execution.applied_at)
        if not has_settled(execution.change, sight.before, sight.since, elapsed, self.policy(execution)):
            return execution
        return replace(execution, state=State.VERIFYING, verifying_at=now)

    # The judgement

    def _verifying(self, execution: Execution, now: float) -> Execution:
        if not self.pace.due(execution.id, now):
            return execution
        sight = self.sight(execution, now)
        if (harm := self._harm(execution, sight)) is not None:
            return apply.undo(execution, Message("guard_tripped", {}), harm)
        if not sight.readable:
            return self._follow(execution, Decision.WAIT, now)
        change, pools = execution.change, sight.pools
        verdict = self.verifier.verify(change.goal, change.plugin_id, sight.before, sight.after, pools)
        reached("C16")
        seen = live_windows(change.goal, change.plugin_id, sight.before, sight.after, pools)
        self.state.record_windows(execution.id, seen)
        watched = self.patience.seconds_since(execution, execution.verifying_at) / self.policy(execution).verify_seconds
        decision = decide(change.goal.purpose, verdict, watched, execution.approved_by == "policy")
        execution = replace(execution, verdict=told(verdict, decision))
        if watched >= 1.0 and verdict.outcome is Outcome.INCONCLUSIVE and execution.comparison is None:
            found = (self.touchpoint(execution), self.plugin(execution), self.policy(execution))
            execution = turns.referred(self.referee, *found, execution, sight)
        return execution if execution.state is State.COMPARING else self._follow(execution, decision, now)

    def _comparing(self, execution: Execution, now: float) -> Execution:
        if not self.pace.due(execution.id, now):
            rests = turns.resting(execution, self.patience.time_of(execution)) and not self.stopped()
            return execution if rests else self._turning(execution, now)
        sight = self.sight(execution, now)
        harm, broken = self._harm(execution, sight), self.referee.broken(execution, sight, now)
        if harm is not None or broken is not None:
            return apply.undo(execution, broken or Message("guard_tripped", {}), harm)
        if not turns.over(execution):
            return self._turning(execution, now)
        verdict = self.referee.judge(execution, sight)
        reached("C16")
        late = self.patience.time_of(execution) - execution.updated_at >= turns.ANSWER_SECONDS
        watched = 1.0 if late else SAVING_WATCHED  # turns were compared long enough
        decision = decide(execution.change.goal.purpose, verdict, watched, execution.approved_by == "policy")
        judged = execution if decision is Decision.WAIT else replace(execution, verdict=verdict)
        return self._follow(judged, decision, now)

    def _follow(self, execution: Execution, decision: Decision, now: float) -> Execution:
        if decision is Decision.WAIT:
            overdue = self._overdue(execution)
            return apply.undo(execution, Message("deadman", {}), execution.verdict) if overdue else execution
        if decision is Decision.UNDO:
            return apply.undo(execution, Message("did_not_help", {}), execution.verdict)
        reason = Message("kept_ask_person" if decision is Decision.ASK else "kept", {})
        return self._keep(replace(execution, reason=reason), now)

    def _keep(self, execution: Execution, now: float) -> Execution:
        change, touchpoint, plugin = execution.change, self.touchpoint(execution), self.plugin(execution)
        if (standing := apply.standing(touchpoint, plugin, execution)) is not execution:
            return standing
        if change.ends_life:
            return replace(execution, state=State.SUCCEEDED)  # nothing of it is kept
        life = incarnation_of(touchpoint, plugin)  # before the last look: in a later life it is lost, not foreign
        if isinstance(self._bar(replace(execution, fence=execution.fence + 1)), Message):
            return execution  # whoever announced it before us and sleeps could wake after us
        announced = self._write(replace(execution, persisted=execution.persisted or not self.stopped()), execution, now)
        reached("C16A")
        if not self.holds(announced) or apply.standing(touchpoint, plugin, announced) is not announced:
            return execution
        persisted = (not self.stopped() and self._persist(announced)) or execution.persisted  # also by one that died
        reached("C16P")
        self.state.desire(Desired(change.plugin_id, change.knob, change.after, execution.id, now, life))
        reached("C16D")
        self._write(replace(announced, state=State.SUCCEEDED, persisted=persisted), announced, now)
        return execution

    def _harm(self, execution: Execution, sight: Sight) -> Verdict | None:
        return guard(execution.change.goal, execution.change.plugin_id, sight.before, sight.since, sight.pools)

    # On the way back, and off the way

    def _rollback_intent(self, execution: Execution, now: float) -> Execution:
        self.state.release(execution.change.plugin_id, execution.change.knob, Message("rolled_back", {}), now)
        execution = replace(execution, undoing=True)
        if execution.persisted:  # a kept value must not come back at the next restart
            execution = replace(execution, persisted=not self._persist(execution))
            reached("C19P")
        return replace(execution, state=State.RB_APPLYING, tries=0, finished_at=None)  # a step may still be to come

    def _unknown(self, execution: Execution, _now: float) -> Execution:
        barred = self._bar(execution)
        self.patience.barred(execution, barred)
        touchpoint, time_seen = self.touchpoint(execution), self.patience.time_of(execution)
        if isinstance(barred, Message):
            return apply.unresolved(execution, time_seen, barred)
        return apply.resolve_unknown(touchpoint, self.plugin(execution), execution, time_seen)

    def _gone(self, execution: Execution, _now: float) -> Execution:
        self._bar(execution)
        time_seen = self.patience.time_of(execution)
        return apply.come_back(self.touchpoint(execution), self.plugin(execution), execution, time_seen)

    def _foreign(self, execution: Execution, now: float) -> Execution:
        reason = execution.reason or apply.about("foreign_value", execution, execution.observed or "")
        self.state.release(execution.change.plugin_id, execution.change.knob, reason, now)  # or keeping overwrites it
        return replace(execution, state=State.NEEDS_OPERATOR)

    def _persist(self, execution: Execution) -> bool:
        return lasting.make_last(self.actuator, self.touchpoint(execution), self.plugin(execution), execution)

    def _bar(self, execution: Execution) -> bool | Message:
        return lasting.bar(self.actuator, self.touchpoint(execution), execution)

    # Look-ups

    def _overdue(self, execution: Execution) -> bool:
        """Tell whether the dead-man time is over: nobody may be left who could undo it otherwise."""
        return self.patience.seconds_since(execution, execution.deadman_at) > 0.0

    def _too_late(self, execution: Execution, now: float) -> Message | None:
        """Return why what was claimed is not to be begun any more."""
        return Message("waited_too_long", {}) if self._overdue(execution) else self.forbidden(execution, now)
