"""A touchpoint whose every order goes through the ledger, with the trouble of the run's course."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Protocol

from plugin_optimizer.contracts import Touchpoint
from plugin_optimizer.domain import Gone, Knob, Plugin, Pool, Sample, Value

from .case import FOREIGN, KNOB, PLUGIN_ID
from .ledger import Ledger

GONE_SECONDS = 1.0


class Target(Touchpoint, Protocol):
    """A touchpoint as crash runs need it."""

    def delta(self, seen: Value, to: Value) -> int:
        """Return by how much the line in the ledger itself changes the value: 0 where something real does."""
        ...

    def disturb(self, plugin: Plugin) -> None:
        """Set `FOREIGN`, as somebody else."""
        ...


@dataclass(frozen=True, slots=True)
class Acting:
    """Upon which record an effect is made: its execution and fence, and the fence in the database now (of an end?)."""

    execution: str
    fence: int
    recorded: int
    final: bool

    def columns(self) -> dict[str, object]:
        return {**asdict(self), "pid": os.getpid()}


@dataclass(frozen=True, slots=True)
class Watched:
    """Trouble is what happens to the first step: `lost`, `gone` (the plugin dies of it), `foreign`, `stop`.

    `before_effect` is called in the last moment before an effect.
    """

    target: Target
    ledger: Ledger
    trouble: str
    acting: Callable[[], Acting]
    before_effect: Callable[[], None]
    stop: Callable[[], None]

    @property
    def kind(self) -> str:
        return self.target.kind

    def discover(self) -> Iterable[Plugin]:
        return self.target.discover()

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        return self.target.sense(plugin, now)

    def pool(self, plugin: Plugin) -> Pool | None:
        return self.target.pool(plugin)

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        self._require_alive()
        return self.target.knobs(plugin)

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        self._require_alive()
        first = not self.ledger.orders()
        seen = next(found.value for found in self.target.knobs(plugin) if found.name == KNOB)
        if seen == to:
            return
        self.before_effect()
        kind = "lost" if first and self.trouble == "lost" else "turn"
        order = {"plugin": plugin.plugin_id, "knob": knob, "seen": seen, "to": to}
        self.ledger.append(kind, **order, delta=self.target.delta(seen, to), **self.acting().columns())
        if kind == "turn":
            self.target.turn(plugin, knob, to)
        if first:
            self._trouble(plugin)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        self.ledger.append("persist", to=to, pid=os.getpid())
        return self.target.persist(plugin, knob, to)

    def incarnation(self, plugin: Plugin) -> str:
        return "1"

    def _trouble(self, plugin: Plugin) -> None:
        if self.trouble == "gone":
            self.ledger.append("died")
        elif self.trouble == "foreign":
            self.target.disturb(plugin)
            self.ledger.append("foreign", to=FOREIGN)
        elif self.trouble == "stop":
            self.stop()
            self.ledger.append("stop")

    def _require_alive(self) -> None:
        """Raise Gone for a second from the first look after the death: somebody has to see it."""
        entries = self.ledger.entries()
        if not any(entry.kind == "died" for entry in entries):
            return
        missed = [entry.at for entry in entries if entry.kind == "missed"]
        if not missed:
            self.ledger.append("missed")
        if not missed or time.monotonic() < missed[0] + GONE_SECONDS:
            raise Gone(f"{PLUGIN_ID} is not there")
