"""One simulated world: a fleet, a store, several engines on it, people, and everything that can go wrong.

Nothing here knows a real clock or real chance: `steady` is time as it passes, `wall` what the clocks show. Engines
run one after another in one thread; at a crash point one of them can be held while the others go on.
"""

import random
from dataclasses import dataclass, field

from plugin_optimizer.domain import (
    FINAL,
    OptimizerError,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
)
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.fences import FencesInMemory
from plugin_optimizer.execute.keeper import Keeper
from plugin_optimizer.knowledge import SqlStateStore

from .door import Door
from .faults import Crash, Mix, locked, mix_of
from .judge import Judge, Referee, sight
from .ledger import Ledger
from .plant import MOST_WORKERS, Plant, Service
from .store import open_in_memory
from .watch import Watch

EPOCH = 1_790_000_000.0
POLICY = Policy(settle_seconds=10.0, verify_seconds=60.0, max_workers=MOST_WORKERS, cooldown_seconds=0.0)
KEEPER_SECONDS = 5.0
HELD_SECONDS = (0.5, 3.0, 9.0, 25.0, 60.0)
APPROVAL_POINTS = {"begin": "C01", "before": "C02", "after": "C03"}


@dataclass(slots=True)
class Instance:
    """One engine: what it remembers dies with it."""

    executor: Executor
    keeper: Keeper
    lives: int = 0


@dataclass(slots=True)
class World:
    """Everything of one run. `troubled` says whether faults happen now."""

    seed: int
    chance: random.Random = field(init=False)
    mix: Mix = field(init=False)
    ledger: Ledger = field(default_factory=Ledger)
    steady: float = 0.0
    jumped: float = 0.0
    troubled: bool = True
    stopped: bool = False
    approving: bool = False
    tending: bool = False
    ticks: int = 0
    running: list[int] = field(default_factory=list)
    expected: dict[str, tuple[int, float]] = field(default_factory=dict)  # from where, and when it can be judged
    plant: Plant = field(init=False)
    store: SqlStateStore = field(init=False)
    watch: Watch = field(init=False)
    fences: FencesInMemory = field(default_factory=FencesInMemory)  # as on disk: no engine's death ends them
    leases: int = 0
    instances: list[Instance] = field(init=False)
    tended_at: float = 0.0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.mix = mix_of(self.chance)
        self.watch = Watch(self)
        self.plant = Plant(
            self._services(), self.chance, self.mix, self.ledger, lambda: self.steady,
            self.watch.turning, self.watch.persisting, self.watch.landed, lambda: self.tending,
        )  # fmt: skip
        self.store = open_in_memory(self.on_write)
        self.troubled = False
        for service in self.plant.services.values():
            self.store.save_plugin(service.plugin, PluginStatus.ACTIVE, self.wall)
        self.troubled = True
        self.instances = [self._instance() for _ in range(self.chance.choice((1, 2, 3)))]

    @property
    def wall(self) -> float:
        return EPOCH + self.steady + self.jumped

    def happens(self, probability: float) -> bool:
        """Draw; nothing happens in a world at peace."""
        return self.troubled and self.chance.random() < probability

    def pass_time(self, seconds: float) -> None:
        self.steady += seconds
        self.plant.pass_time()

    def tick(self, number: int) -> None:
        """Let one engine look once at everything that is open."""
        self.ticks += 1
        self.running.append(number)
        instance = self.instances[number]
        self.watch.tick_began(number)
        try:
            instance.executor.tick(self.wall, self.steady)
            if self.steady - self.tended_at >= KEEPER_SECONDS and number == 0:
                self.tended_at = self.steady
                self._tend(instance)
        except Crash as crash:
            self.ledger.note(self.steady, f"engine {number} died at {crash}")
            self.ledger.count("engine deaths")
            self.instances[number] = self._instance(instance.lives + 1)
        except Exception as error:  # noqa: BLE001 - as the runner does: the loop goes on
            self.ledger.note(self.steady, f"engine {number}: {type(error).__name__}")
        finally:
            self.running.pop()

    def at_point(self, point: str) -> None:
        """Do at a crash point what chance wants: die, be held while others go on, be interfered with."""
        self.ledger.points[point] = self.ledger.points.get(point, 0) + 1
        self.ledger.note(self.steady, f"{point} by {self.running[-1] if self.running else 'client'}")
        self.watch.reached(point)
        if self.happens(self.mix.crash):
            raise Crash(point)
        if self.happens(self.mix.foreign * 2):
            self.foreign_hand()
        if self.happens(self.mix.stop):
            self.stop()
        if len(self.running) == 1 and self.happens(self.mix.pause):
            self.hold(point, self.chance.choice(HELD_SECONDS))

    def on_write(self, place: str) -> None:
        """Make a write of the store fail or the process die, before it began, before and after its commit."""
        if self.approving:
            self.ledger.points[APPROVAL_POINTS[place]] = self.ledger.points.get(APPROVAL_POINTS[place], 0) + 1
        if place == "after":
            self.watch.written()
        if self.happens(self.mix.store_error):
            self.ledger.count("store errors")
            if self.approving and place == "after":
                self.ledger.points["C04"] = self.ledger.points.get("C04", 0) + 1
            raise locked()
        if self.happens(self.mix.crash / 3):
            raise Crash(f"write:{place}")

    def stop(self) -> None:
        self.stopped = not self.stopped
        self.watch.stop_changed()
        self.ledger.note(self.steady, f"emergency stop {self.stopped}")

    def foreign_hand(self) -> None:
        """Let somebody else set a value, one that can be told from ours where we are turning."""
        service = self.chance.choice(list(self.plant.services.values()))
        if not service.alive:
            return
        values = self.watch.telling_values(service)
        if values:
            service.workers = self.chance.choice(values)
            service.foreign = service.workers
            self.ledger.count("foreign values")
            self.ledger.note(self.steady, f"foreign {service.plugin.plugin_id} {service.workers}")

    def hold(self, place: str, seconds: float) -> None:
        """Let time pass and the other engines go on while the one that runs stands still."""
        holding, tending, self.tending = self.running[-1], self.tending, False
        self.ledger.note(self.steady, f"held at {place} for {seconds}")
        self.ledger.count("held")
        end = self.steady + seconds
        while self.steady < end:
            self.pass_time(min(1.0, end - self.steady))
            for number in range(len(self.instances)):
                if number != holding:
                    self.tick(number)
        self.tending = tending

    def start_another(self) -> None:
        """Start an engine beside those there are."""
        self.instances.append(self._instance())

    def _tend(self, instance: Instance) -> None:
        open_now = self.store.executions(open_only=True)
        busy = frozenset(execution.change.plugin_id for execution in open_now)
        seen = {}
        for name, service in self.plant.services.items():
            try:
                knobs = {knob.name: knob.value for knob in self.plant.knobs(service.plugin)}
            except (OptimizerError, OSError):
                continue
            seen[name] = (service.plugin, self.plant, knobs)
        self.tending = True
        try:
            instance.keeper.tend(seen, busy, self.wall)
        finally:
            self.tending = False

    def _instance(self, lives: int = 0) -> Instance:
        actuator = Door(self, LocalActuator(self.fences, lambda: self.stopped))
        executor = Executor(
            self.store,
            {"simulated": self.plant},
            Judge(self),
            lambda: Policies(POLICY),
            sight,
            lambda: self.stopped,
            actuator,
            Referee(self),
        )
        self.leases += 1
        keeper = Keeper(self.store, lambda: self.stopped, actuator, self.leases, steady=lambda: self.steady)
        return Instance(executor, keeper, lives)

    def _services(self) -> dict[str, Service]:
        names = [f"p{number}" for number in range(self.chance.choice((1, 2, 3)))]
        made = {}
        for name in names:
            workers = self.chance.randint(1, 6)
            service = Service(
                Plugin(name, "simulated"), workers, self.chance.uniform(0.4, 1.1) * workers, first_day=workers
            )
            made[name] = service
        return made


def all_final(world: World) -> bool:
    return all(execution.state in FINAL for execution in world.store.executions(open_only=True))
