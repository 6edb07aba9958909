"""A fleet under random policies, people and an engine that want anything, and what its targets were seen to do."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import (
    Change,
    Direction,
    Execution,
    Fleet,
    Goal,
    Knob,
    Message,
    Metric,
    Mode,
    OptimizerError,
    Outcome,
    Plugin,
    PluginStatus,
    PluginView,
    Policies,
    Policy,
    Pool,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
    Value,
    Verdict,
    Window,
)
from plugin_optimizer.execute.automatic import approve_automatic
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_case import Case
from plugin_optimizer.execute.rails_past import past_of
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint
from tests.simulator.store import open_in_memory

EPOCH = 1_790_000_000.0
TICK_SECONDS = 2.0
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
TYPES = (SuggestionType.INCREASE_WORKERS, SuggestionType.ADJUST_CACHE, SuggestionType.UPDATE_CONFIG)
STATUSES = (PluginStatus.ACTIVE, PluginStatus.INACTIVE, PluginStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Seen:
    """A value of a target was seen to change, while an execution was under way there."""

    at: float
    plugin_id: str
    knob: str
    before: Value
    after: Value
    execution_id: str
    undoing: bool


@dataclass(slots=True)
class Office(SimulatedTouchpoint):
    """Simulated plugins with pools of several kinds."""

    pools: dict[str, Pool] = field(default_factory=dict)

    def pool(self, plugin: Plugin) -> Pool | None:
        return self.pools[plugin.plugin_id]


@dataclass(slots=True)
class ChanceJudge:
    chance: random.Random

    def verify(
        self, change_goal: Goal, plugin_id: str, before: Observation, after: Observation, pools: object
    ) -> Verdict:
        outcome = self.chance.choices((Outcome.BETTER, Outcome.WORSE, Outcome.INCONCLUSIVE), (6, 2, 1))[0]
        return Verdict(outcome, change_goal.metric, 0.5, 0.4, 0.6, 2.0, 1.0, 8, 500, "chance")


@dataclass(slots=True)
class RailsWorld:
    """One run. `history` is what the targets did, `standings` which plugins were unwell since when."""

    seed: int
    chance: random.Random = field(init=False)
    now: float = EPOCH
    attempts: int = 0
    history: list[Seen] = field(default_factory=list)
    standings: list[tuple[float, dict[str, PluginStatus]]] = field(default_factory=list)
    records: dict[str, Execution] = field(default_factory=dict)  # what is on record of executions, at the end
    plugins: dict[str, Plugin] = field(init=False)
    policies: Policies = field(init=False)
    office: Office = field(init=False)
    state: SqlStateStore = field(init=False)
    executor: Executor = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.plugins = {name: self._plugin(name) for name in (f"p{i}" for i in range(self.chance.randint(1, 20)))}
        self.policies = Policies(by_plugin={name: self._policy() for name in self.plugins})
        self.office = Office({name: self._simulated(plugin) for name, plugin in self.plugins.items()})
        self.office.pools = {name: self._pool() for name in self.plugins}
        self._open()
        self._stand(dict.fromkeys(self.plugins, PluginStatus.ACTIVE))
        self.restart()

    def _open(self) -> None:
        self.state = open_in_memory(lambda _: None)

    def restart(self) -> None:
        """Begin anew with nothing but what is on record."""
        judge = ChanceJudge(self.chance)
        self.executor = Executor(
            self.state, {"simulated": self.office}, judge, lambda: self.policies, self._sight, lambda: False
        )

    def run(self, attempts: int) -> None:
        """Let somebody want something, again and again, and time go by."""
        for _ in range(attempts):
            self.attempts += 1
            self._want()
            if self.chance.random() < 0.03:
                self._stand({name: self.chance.choices(STATUSES, (8, 1, 1))[0] for name in self.plugins})
            if self.chance.random() < 0.02:
                self.restart()
            self._pass(self.chance.choice((0.0, 0.0, 2.0, 20.0, 60.0, 200.0, 400.0, 1500.0)))

    def finish(self) -> None:
        """Let what is under way come to its end."""
        self._pass(1200.0)
        self.records = {execution.id: execution for execution in self.state.executions(limit=10_000)}
        self.state.close()

    def knob(self, plugin_id: str, name: str) -> Knob:
        return self.office.plugins[plugin_id].knobs[name]

    # Wanting

    def _want(self) -> None:
        plugin_id = self.chance.choice(list(self.plugins))
        knob = self.chance.choice(list(self.office.plugins[plugin_id].knobs.values()))
        if isinstance(knob.value, int | float):  # a rail that failed may have let words in
            change = Change(plugin_id, knob.name, knob.value, self._wish(knob, knob.value), GOAL)
            self._order(change, knob)

    def _order(self, change: Change, knob: Knob) -> None:
        plugin_id = change.plugin_id
        made = Proposal(
            plugin_id, self.chance.choice(TYPES), Message("increase_workers", {}), change, None, Risk.LOW, 0.9
        )
        try:
            suggestion = self.state.offer(made, self.now, self.now + 600.0)
            if self.chance.random() < 0.7:
                views = {plugin_id: self._view(plugin_id)}
                window = self._window(self.now)
                list(
                    approve_automatic(self.state, [suggestion], Fleet(self.now, 4, views), window, self.policies, False)
                )
            elif self.chance.random() < 0.2 or self._allowed(change, knob):  # some got around the first question
                self.state.approve(suggestion.id, None, "admin", None, self.now)
        except (OptimizerError, ValueError, OverflowError):
            return

    def _allowed(self, change: Change, knob: Knob) -> bool:
        plugin, policy = self.plugins[change.plugin_id], self.policies.of(change.plugin_id)
        past = past_of(self.state, self.policies, self.now)
        pool = self.office.pools[change.plugin_id]
        return refusal(Case(plugin, change, policy, past, self.now, automatic=False, knob=knob, pool=pool)) is None

    def _wish(self, knob: Knob, value: float) -> Value:
        if self.chance.random() < 0.5:
            near = (value + 1, value - 1, value + 2, value * 1.5, value * 0.8, value * 0.85, value * 1.2)
            wish = self.chance.choice(near)
        else:
            far = (0, -1, value, value * 2, value / 2, value * 1.05, 10**15 + 1, 10**30, -(10**30), 0.5)
            ends = (knob.minimum or 0, knob.maximum or 0, (knob.maximum or 0) + 1, self.chance.uniform(-10, 1e6))
            strange: tuple[Value, ...] = (float("nan"), float("inf"), True, "x")
            other = self.chance.choice((*far, *ends, *strange))
            if isinstance(other, str | bool):
                return other
            wish = other
        return int(wish) if isinstance(value, int) and abs(wish) < math.inf else wish

    def _view(self, plugin_id: str) -> PluginView:
        knobs = tuple(self.office.plugins[plugin_id].knobs.values())
        pool, policy = self.office.pools[plugin_id], self.policies.of(plugin_id)
        return PluginView(self.plugins[plugin_id], policy, PluginStatus.ACTIVE, knobs=knobs, pool=pool)

    # Time

    def _pass(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            running = self.state.executions(open_only=True)
            if not running:
                self.now = end
                return
            self.now += TICK_SECONDS
            before = self._values()
            self.executor.tick(self.now)
            self._note(before, {e.change.plugin_id: e for e in running})

    def _note(self, before: dict[tuple[str, str], Value], running: dict[str, Execution]) -> None:
        for (plugin_id, name), value in self._values().items():
            old = before[plugin_id, name]
            if value != old:
                owner = self.state.execution(running[plugin_id].id)
                self.history.append(Seen(self.now, plugin_id, name, old, value, owner.id, owner.undoing))

    def _values(self) -> dict[tuple[str, str], Value]:
        return {(p, k.name): k.value for p, simulated in self.office.plugins.items() for k in simulated.look()}

    def _stand(self, statuses: dict[str, PluginStatus]) -> None:
        self.standings.append((self.now, statuses))
        self._save(statuses)

    def _save(self, statuses: dict[str, PluginStatus]) -> None:
        for name, status in statuses.items():
            self.state.save_plugin(self.plugins[name], status, self.now)

    def _sight(self, execution: Execution, now: float) -> Sight:
        seen = Observation(self._window(now))
        return Sight(seen, seen, seen, None)

    def _window(self, now: float) -> Window:
        names = tuple(self.plugins)
        ones = np.ones((len(names), 24), dtype=np.float32)
        metrics = {Metric.UP: ones, Metric.REQUESTS: ones * 50, Metric.RESPONSE_TIME_SECONDS: ones}
        times: np.ndarray[tuple[int], np.dtype[np.float64]] = now - 5.0 * np.arange(24, dtype=np.float64)[::-1]
        return Window(names, times, 5.0, metrics)

    # The fleet

    def _plugin(self, name: str) -> Plugin:
        labels = {"group": self.chance.choice(("shop", "bank", "post"))} if self.chance.random() < 0.5 else {}
        if self.chance.random() < 0.2:
            labels["depends_on"] = f"p{self.chance.randint(0, 20)}"
        return Plugin(name, "simulated", {}, labels)

    def _policy(self) -> Policy:
        return Policy(
            mode=Mode.AUTOMATIC,
            min_workers=self.chance.randint(1, 3),
            max_workers=self.chance.choice((8, 16, 32, 64)),
            settle_seconds=1.0,
            verify_seconds=30.0,
            cooldown_seconds=self.chance.choice((0.0, 30.0, 120.0)),
        )

    def _pool(self) -> Pool:
        return Pool(self.chance.choice(("sync", "gthread")), 3, cores=self.chance.choice((0.5, 1.0, 2.0, 8.0)))

    def _simulated(self, plugin: Plugin) -> SimulatedPlugin:
        cache = int(10 ** self.chance.uniform(1.3, 9))
        knobs: Iterable[Knob] = (
            Knob("workers", 3, 1, 64, kind="workers"),
            Knob("threads", self.chance.randint(1, 8), 0, 64, kind="threads"),
            Knob("cache.size", cache, 0, 10**12, kind="cache_size"),
            Knob("timeout", self.chance.uniform(0.1, 100.0), 0, 1e6, kind="setting"),
        )
        return SimulatedPlugin(plugin, {knob.name: replace(knob) for knob in knobs})
