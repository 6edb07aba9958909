"""What crash runs turn: a counter kept in the ledger, a knob of a real application's probe, a real gunicorn."""

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plugin_optimizer.domain import Gone, Knob, Metric, Plugin, Pool, Sample, Value
from plugin_optimizer.probe import channel, tunable
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint
from plugin_optimizer.touchpoints.tunables import tunable_knobs, turn_tunable
from tests.gunicorn_service import HELLO_APP, GunicornService, start_gunicorn

from .case import BEFORE, FOREIGN, KNOB, PLUGIN_ID, Room
from .ledger import Ledger
from .watched import Target

MOST = 12


@dataclass(frozen=True, slots=True)
class CounterTarget:
    """Nothing but its ledger: the line is the effect, one relative step at a time, as signals are."""

    ledger: Ledger
    kind: str = "ledger"

    def discover(self) -> Iterable[Plugin]:
        return [Plugin(PLUGIN_ID, self.kind)]

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        return [Sample(plugin.plugin_id, Metric.UP, now, 1.0)]

    def pool(self, plugin: Plugin) -> Pool | None:
        return Pool("sync", self.ledger.value(), cores=64.0)

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        return [Knob(KNOB, self.ledger.value(), 1, MOST, persistent=True, kind="workers")]

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """The line that stands in the ledger already has done it."""

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        return True

    def delta(self, seen: Value, to: Value) -> int:
        return 1 if int(to) > int(seen) else -1

    def disturb(self, plugin: Plugin) -> None:
        """The line that follows does it."""


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """A knob that a real probe in another process reports, turned by the product's own way through its channel."""

    room: Room
    kind: str = "probe"

    def discover(self) -> Iterable[Plugin]:
        return [Plugin(PLUGIN_ID, self.kind)]

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        return [Sample(plugin.plugin_id, Metric.UP, now, 1.0)]

    def pool(self, plugin: Plugin) -> Pool | None:
        return None

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        present = channel.processes(self.room.home, plugin.plugin_id)
        found = tunable_knobs(self.room.home, plugin, {(found.pid, found.start_ticks) for found in present})
        if not found:
            raise Gone(f"no process of {plugin.plugin_id} reports")
        return found

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        turn_tunable(self.room.home, plugin, knob, to)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        return bool(channel.read_settings(self.room.home, plugin.plugin_id).values[knob] == to)

    def delta(self, seen: Value, to: Value) -> int:
        return 0

    def disturb(self, plugin: Plugin) -> None:
        turn_tunable(self.room.home, plugin, KNOB, FOREIGN)


@dataclass(frozen=True)
class GunicornTarget(GunicornTouchpoint):
    """The product's touchpoint, as it is."""

    def delta(self, seen: Value, to: Value) -> int:
        return 0

    def disturb(self, plugin: Plugin) -> None:
        raise NotImplementedError("nobody disturbs a gunicorn here")


def target_of(kind: str, room: Room) -> Target:
    """Return the touchpoint that an engine turns it by."""
    if kind == "probe":
        return ProbeTarget(room)
    return CounterTarget(Ledger(room.ledger)) if kind == "ledger" else GunicornTarget(home=room.home)


def application(room: Room) -> None:
    """Be the application whose knob is turned: every value it is given goes into the ledger."""
    ledger = Ledger(room.ledger)

    def changed(value: int) -> None:
        ledger.append("applied", to=value, pid=os.getpid())

    tunable(KNOB, BEFORE, minimum=1, maximum=MOST, on_change=changed, plugin=PLUGIN_ID, home=room.home)
    threading.Event().wait()


def reports(room: Room) -> bool:
    """Tell whether the application has told of its knob."""
    present = channel.processes(room.home, PLUGIN_ID) if PLUGIN_ID in channel.plugins(room.home) else []
    return bool(present) and bool(channel.reports(room.home, PLUGIN_ID))


WHO_COUNTS = """
import json, os, time
workers = {workers}
def nworkers_changed(server, new_value, old_value):
    if old_value is None:
        return
    line = dict(kind="applied", at=time.monotonic(), seen=old_value, to=new_value, pid=os.getpid())
    file = os.open({ledger!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(file, (json.dumps(line) + "\\n").encode())
    os.close(file)
"""


def config_with(workers: int, room: Room) -> str:
    """Return the config file of the gunicorn in this room, byte for byte."""
    return WHO_COUNTS.format(workers=workers, ledger=str(room.ledger))


def gunicorn(room: Room, control_socket: bool) -> GunicornService:
    """Start a gunicorn that writes into the ledger whenever the number of workers it wants changes."""
    config = config_with(BEFORE, room)
    extra = () if control_socket else ("--no-control-socket",)
    return start_gunicorn(room.path, HELLO_APP, workers=BEFORE, config=config, name=PLUGIN_ID, extra=extra)


def plugin_of(service: GunicornService, room: Room) -> Plugin:
    """Return it as discovery finds it, under the name that crash runs know."""
    bind = f"127.0.0.1:{service.port}"
    found: Mapping[str, Plugin] = {p.address["bind"]: p for p in GunicornTouchpoint(home=room.home).discover()}
    return Plugin(PLUGIN_ID, "gunicorn", found[bind].address)
