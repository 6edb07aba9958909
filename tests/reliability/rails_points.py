"""The same fleets and wishes, with targets that obey at once and a record in memory: many points in little time."""

from dataclasses import dataclass, field, replace

from plugin_optimizer.domain import (
    FINAL,
    Change,
    Execution,
    ExecutionState,
    Knob,
    Message,
    PluginStatus,
    SuggestionType,
    Value,
)
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_case import AUTOMATIC, Case, Past

from .rails_world import RailsWorld, Seen

State = ExecutionState


@dataclass(slots=True)
class PointWorld(RailsWorld):
    """`ends` says when what is under way comes to its end, and how."""

    ends: dict[str, tuple[float, State]] = field(default_factory=dict)

    def _open(self) -> None:
        """Keep no store."""

    def _save(self, statuses: dict[str, PluginStatus]) -> None:
        """Keep them in `standings` only."""

    def restart(self) -> None:
        """Have nothing to begin anew: there is no executor."""

    def finish(self) -> None:
        self._pass(1200.0)

    def _order(self, change: Change, knob: Knob) -> None:
        self.now += 0.001
        automatic = self.chance.random() < 0.7
        past = Past(tuple(self.records.values()), self.plugins, self.standings[-1][1])
        policy, pool = self.policies.of(change.plugin_id), self.office.pools[change.plugin_id]
        case = Case(self.plugins[change.plugin_id], change, policy, past, self.now, automatic, knob, pool)
        if refusal(case) is None:
            self._begin(change, AUTOMATIC if automatic else "admin")

    def _begin(self, change: Change, by: str) -> None:
        name = f"ex_{len(self.records):06}"
        self.records[name] = Execution(
            id=name,
            suggestion_id=name,
            suggestion_type=SuggestionType.UPDATE_CONFIG,
            description=Message("increase_workers", {}),
            change=change,
            state=State.VERIFYING,
            fence=1,
            approved_by=by,
            created_at=self.now,
            updated_at=self.now,
            applied_at=self.now,
        )
        self._set(self.records[name], change.before, change.after, undoing=False)
        seconds = self.chance.choice((5.0, 30.0, 200.0))
        self.ends[name] = (self.now + seconds, self.chance.choices((State.SUCCEEDED, State.ROLLED_BACK), (6, 1))[0])

    def _pass(self, seconds: float) -> None:
        self.now += seconds + 0.001
        for name, (end, state) in sorted(self.ends.items(), key=lambda item: item[1][0]):
            if end <= self.now:
                del self.ends[name]
                self._end(name, end, state)

    def _end(self, name: str, end: float, state: State) -> None:
        execution = self.records[name]
        assert execution.state not in FINAL
        self.records[name] = replace(execution, state=state, finished_at=end, updated_at=end)
        if state is State.ROLLED_BACK:
            self._set(self.records[name], execution.change.after, execution.change.before, undoing=True)

    def _set(self, execution: Execution, before: Value, after: Value, *, undoing: bool) -> None:
        change = execution.change
        simulated = self.office.plugins[change.plugin_id]
        simulated.knobs[change.knob] = replace(simulated.knobs[change.knob], value=after)
        at = execution.finished_at if undoing and execution.finished_at is not None else self.now
        self.history.append(Seen(at, change.plugin_id, change.knob, before, after, execution.id, undoing))
