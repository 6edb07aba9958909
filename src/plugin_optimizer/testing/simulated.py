"""A simulated plugin: a touchpoint in memory that moves like a real one, one step at a time and late."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..domain import LIFE, Gone, Knob, Metric, NotFound, Plugin, Pool, Refused, Sample, Unobservable, Value, following


@dataclass(slots=True)
class SimulatedPlugin:
    """One managed thing. `lag_looks` is how many looks pass before a step shows; `effects` is every turn made."""

    plugin: Plugin
    knobs: dict[str, Knob]
    lag_looks: int = 0
    gone: bool = False
    unreadable: bool = False
    refusing: bool = False
    life: int = 0
    effects: list[tuple[str, Value]] = field(default_factory=list)
    kept: dict[str, Value] = field(default_factory=dict)
    _coming: list[tuple[int, str, Value]] = field(default_factory=list)

    def look(self) -> tuple[Knob, ...]:
        """Return the knobs; what is under way comes one look nearer."""
        self._coming = [(looks - 1, knob, to) for looks, knob, to in self._coming]
        for looks, knob, to in self._coming:
            if looks < 0:
                choices = (str(to), following(str(to))) if self.knobs[knob].kind == LIFE else self.knobs[knob].choices
                self.knobs[knob] = replace(self.knobs[knob], value=to, choices=choices)
        self._coming = [coming for coming in self._coming if coming[0] >= 0]
        return tuple(self.knobs.values())

    def step(self, name: str, to: Value) -> None:
        """Begin one step towards `to`, as the real mechanisms do."""
        self.effects.append((name, to))
        now = self.knobs[name].value
        nearer = to
        if isinstance(now, int) and isinstance(to, int) and self.knobs[name].kind == "workers":
            nearer = now + (to > now) - (to < now)
        if self.knobs[name].kind == LIFE:
            self.life += 1
            nearer = f"life {self.life}"
        self._coming.append((self.lag_looks, name, nearer))

    def restart(self) -> None:
        """Come back with what was kept, or with the values of the first day."""
        self.life += 1
        self._coming.clear()
        for name, value in self.kept.items():
            self.knobs[name] = replace(self.knobs[name], value=value)


@dataclass(slots=True)
class SimulatedTouchpoint:
    """Holds simulated plugins by id. Follows the contract of every touchpoint."""

    plugins: dict[str, SimulatedPlugin]
    kind: str = "simulated"
    persistent: bool = True

    def discover(self) -> Iterable[Plugin]:
        return [simulated.plugin for simulated in self.plugins.values() if not simulated.gone]

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        simulated = self._found(plugin)
        if simulated.unreadable:
            raise Unobservable(f"{plugin.plugin_id} cannot be read")
        return [Sample(plugin.plugin_id, Metric.UP, now, 0.0 if simulated.gone else 1.0)]

    def pool(self, plugin: Plugin) -> Pool | None:
        workers = next((k.value for k in self.knobs(plugin) if k.kind == "workers"), None)
        return Pool("sync", int(workers)) if workers is not None else None

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        return self._alive(plugin).look()

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        simulated = self._alive(plugin)
        if knob not in simulated.knobs:
            raise NotFound(f"{plugin.plugin_id} has no knob {knob!r}")
        if simulated.refusing:
            raise Refused(f"{plugin.plugin_id} refuses")
        simulated.knobs[knob].checked(to)
        if simulated.knobs[knob].value != to:
            simulated.step(knob, to)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        if self.persistent:
            self._alive(plugin).kept[knob] = to
        return self.persistent

    def incarnation(self, plugin: Plugin) -> str:
        return str(self._alive(plugin).life)

    def _found(self, plugin: Plugin) -> SimulatedPlugin:
        if plugin.plugin_id not in self.plugins:
            raise Gone(f"no {plugin.plugin_id}")
        return self.plugins[plugin.plugin_id]

    def _alive(self, plugin: Plugin) -> SimulatedPlugin:
        simulated = self._found(plugin)
        if simulated.gone:
            raise Gone(f"{plugin.plugin_id} is gone")
        if simulated.unreadable:
            raise Unobservable(f"{plugin.plugin_id} cannot be read")
        return simulated
