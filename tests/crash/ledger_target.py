"""A target that is nothing but its ledger: a counter that outlives engines and is turned one relative step at a time."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from plugin_optimizer.domain import Gone, Knob, Metric, Plugin, Pool, Sample, Value

from .case import FOREIGN, KNOB, PLUGIN_ID
from .ledger import Ledger

GONE_SECONDS = 1.0
MOST = 12


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
class LedgerTarget:
    """Trouble is what happens to the first step: `lost`, `gone` (the plugin dies of it), `foreign`, `stop`.

    `before_effect` is called in the last moment before an effect.
    """

    ledger: Ledger
    trouble: str
    acting: Callable[[], Acting]
    before_effect: Callable[[], None]
    stop: Callable[[], None]
    kind: str = "ledger"

    def discover(self) -> Iterable[Plugin]:
        return [Plugin(PLUGIN_ID, self.kind)]

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        return [Sample(plugin.plugin_id, Metric.UP, now, 1.0)]

    def pool(self, plugin: Plugin) -> Pool | None:
        return Pool("sync", self.ledger.value(), cores=64.0)

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        self._require_alive()
        return [Knob(KNOB, self.ledger.value(), 1, MOST, persistent=True, kind="workers")]

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        self._require_alive()
        first = not self.ledger.orders()
        seen = self.ledger.value()
        if seen == to:
            return
        self.before_effect()
        self.ledger.append(
            "lost" if first and self.trouble == "lost" else "turn",
            plugin=plugin.plugin_id, knob=knob, seen=seen, to=to, delta=1 if int(to) > seen else -1,
            **self.acting().columns(),
        )  # fmt: skip
        if first:
            self._trouble()

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        self.ledger.append("persist", to=to, pid=os.getpid())
        return True

    def incarnation(self, plugin: Plugin) -> str:
        return "1"

    def _trouble(self) -> None:
        if self.trouble == "gone":
            self.ledger.append("died")
        elif self.trouble == "foreign":
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
