"""The same fleets and wishes, with targets that obey at once and a record in memory: many points in little time."""

import random
from collections import Counter
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
from plugin_optimizer.domain.change import following
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_case import AUTOMATIC, Case, Past

from .rails_world import GOAL, RailsWorld, Seen

State = ExecutionState
LIFE, RESTARTS = "life", 0.1  # of the wishes are followed by one for a restart


@dataclass(slots=True)
class PointWorld(RailsWorld):
    """`ends` says when what is under way comes to its end, and how; `lives` how often each plugin was restarted."""

    ends: dict[str, tuple[float, State]] = field(default_factory=dict)
    lives: Counter[str] = field(default_factory=Counter)
    fate: random.Random = field(init=False)

    def _open(self) -> None:
        """Keep no store."""
        self.fate = random.Random(f"restarts of {self.seed}")

    def _save(self, statuses: dict[str, PluginStatus]) -> None:
        """Keep them in `standings` only."""

    def restart(self) -> None:
        """Have nothing to begin anew: there is no executor."""

    def finish(self) -> None:
        self._pass(1200.0)

    def _want(self) -> None:
        RailsWorld._want(self)
        if self.fate.random() < RESTARTS:
            plugin_id = self.fate.choice(list(self.plugins))
            life = f"life {self.lives[plugin_id]}"
            self._order(Change(plugin_id, LIFE, life, following(life), GOAL), Knob(LIFE, life, kind=LIFE))

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
        if state is State.ROLLED_BACK and not execution.change.ends_life:
            self._set(self.records[name], execution.change.after, execution.change.before, undoing=True)

    def _set(self, execution: Execution, before: Value, after: Value, *, undoing: bool) -> None:
        change = execution.change
        if change.ends_life:
            self.lives[change.plugin_id] += 1
        else:
            simulated = self.office.plugins[change.plugin_id]
            simulated.knobs[change.knob] = replace(simulated.knobs[change.knob], value=after)
        at = execution.finished_at if undoing and execution.finished_at is not None else self.now
        self.history.append(Seen(at, change.plugin_id, change.knob, before, after, execution.id, undoing))
