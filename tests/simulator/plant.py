"""A simulated fleet: services behind a queue whose workers move late, twice, or not at all, and which die.

Workers move relative to where they are when the order arrives, as signals do: an order given twice overshoots.
"""

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from plugin_optimizer.domain import (
    Gone,
    Knob,
    Metric,
    OptimizerError,
    Plugin,
    Pool,
    Refused,
    Sample,
    Unobservable,
    Value,
)
from plugin_optimizer.models.queueing import erlang_c

from .faults import Mix
from .ledger import Ledger

MOST_WORKERS = 12
LATEST_SECONDS = 15.0  # an order that has not arrived by then never does: what `apply` waits for is longer


@dataclass(slots=True)
class Order:
    """A step under way."""

    due: float
    by: int
    keeping: bool


@dataclass(slots=True)
class Service:
    """One managed thing. `offered` is the load in workers (arrival rate × service time)."""

    plugin: Plugin
    workers: int
    offered: float
    coming: list[Order] = field(default_factory=list)
    kept: int | None = None
    first_day: int = 0
    life: int = 0
    back_at: float | None = None
    foreign: int | None = None

    @property
    def alive(self) -> bool:
        return self.back_at is None


def response_time(workers: int, offered: float) -> float:
    """Return the mean response time of M/M/c in service times (infinite where it does not keep up).

    Source: Gross, Harris, Fundamentals of Queueing Theory, section 2.3.
    """
    if offered >= workers:
        return math.inf
    return 1.0 + erlang_c(offered, workers) / (workers - offered)


@dataclass(slots=True)
class Plant:
    """The touchpoint over all services. `on_turn` and `on_persist` see every order before it has an effect."""

    services: dict[str, Service]
    chance: random.Random
    mix: Mix
    ledger: Ledger
    steady: Callable[[], float]
    on_turn: Callable[[Service, Value], None]
    on_persist: Callable[[Service, Value], None]
    on_landed: Callable[[Service, Order], None]
    keeping: Callable[[], bool]
    kind: str = "simulated"

    def discover(self) -> Iterable[Plugin]:
        return [service.plugin for service in self.services.values() if service.alive]

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        return [Sample(plugin.plugin_id, Metric.UP, now, float(self.services[plugin.plugin_id].alive))]

    def pool(self, plugin: Plugin) -> Pool | None:
        return Pool("sync", self._alive(plugin).workers, cores=64.0)  # the same on every machine

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        if self.chance.random() < self.mix.unreadable:
            raise self.chance.choice((Unobservable("it could not be read"), OSError("read failed")))
        return [Knob("workers", self._alive(plugin).workers, 1, MOST_WORKERS, kind="workers")]

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        service = self._alive(plugin)
        assert isinstance(to, int)
        if service.workers == to:
            return
        if self.chance.random() < self.mix.error_after_effect / 4:
            raise Refused("not now")
        self.on_turn(service, to)
        self._order(service, 1 if to > service.workers else -1, to)
        if self.chance.random() < self.mix.error_after_effect:
            raise self.chance.choice((OptimizerError("the answer was an error"), TimeoutError("no answer")))

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        service = self._alive(plugin)
        assert isinstance(to, int)
        self.on_persist(service, to)
        service.kept = to
        return True

    def incarnation(self, plugin: Plugin) -> str:
        return str(self._alive(plugin).life)

    def pass_time(self) -> None:
        """Let what is due arrive, and the dead come back."""
        now = self.steady()
        for service in self.services.values():
            for order in [order for order in service.coming if order.due <= now]:
                service.coming.remove(order)
                service.workers += order.by
                if service.foreign is not None:  # on top of somebody else's value: what it comes to is not ours
                    service.workers = min(max(service.workers, 1), MOST_WORKERS)
                self.ledger.note(now, f"landed {service.plugin.plugin_id} {service.workers}")
                self.on_landed(service, order)
            if service.back_at is not None and service.back_at <= now:
                self._return(service)

    def kill(self, service: Service, seconds: float) -> None:
        service.back_at = self.steady() + seconds
        service.coming.clear()
        self.ledger.note(self.steady(), f"died {service.plugin.plugin_id}")

    def heal(self) -> None:
        """Bring back whoever is dead."""
        for service in self.services.values():
            if not service.alive:
                self._return(service)

    def _return(self, service: Service) -> None:
        service.back_at = None
        service.life += 1
        service.workers = service.first_day if service.kept is None else service.kept
        service.foreign = None
        self.ledger.note(self.steady(), f"returned {service.plugin.plugin_id} {service.workers}")

    def _order(self, service: Service, by: int, to: int) -> None:
        self.ledger.effects += 1
        fate, lag = "soon", self.chance.choice((0.0, 0.1, 0.5, 2.0))
        if self.chance.random() < self.mix.effect_lost:
            fate = "lost"
        elif self.chance.random() < self.mix.effect_late:
            fate, lag = "late", self.chance.uniform(2.0, LATEST_SECONDS)
        self.ledger.note(self.steady(), f"order {service.plugin.plugin_id} {service.workers}->{to} {fate}")
        if fate == "lost":
            return
        service.coming.append(Order(self.steady() + lag, by, self.keeping()))
        twice = self.chance.random() < self.mix.effect_twice and abs(to - service.workers) > 1
        if twice and not self.ledger.lines[-1].endswith("late"):
            self.ledger.note(self.steady(), f"twice {service.plugin.plugin_id}")
            service.coming.append(Order(self.steady() + lag, by, self.keeping()))

    def _alive(self, plugin: Plugin) -> Service:
        service = self.services[plugin.plugin_id]
        if not service.alive:
            raise Gone(f"{plugin.plugin_id} is gone")
        return service
