"""The touchpoints of whatever an operator wrote: an HTTP endpoint or a command that tells of settings and turns them."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from ...domain import Capability, Gone, InvalidValue, Knob, Metric, Plugin, Pool, Refused, Sample, Unobservable, Value
from .capabilities import CAPABILITIES
from .documents import Keep, Question, Read, Turn, parse_report, reason_of
from .endpoint import Endpoint
from .knobs import State, checked, state_of
from .program import Program
from .receiver import Outcome, Receiver, Reply
from .settings import command_settings, webhook_settings

LATELY_SECONDS = 1.0  # a look of the engine asks for sensors, pool and knobs: one answer serves them all
UNKNOWN_LIFE = ""


@dataclass(frozen=True)
class ReceiverTouchpoint:
    """Asks the receivers of the plugins that the configuration of this process names, and of no others: where to ask, what
    to run and with what secret comes from there alone. Thread-safe.

    What a receiver answers to an order is no evidence: the next look is (`turn` looks by itself where it does not say that
    all is done).
    """

    kind: str
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    configured: tuple[Plugin, ...]
    receivers: Mapping[str, Receiver]  # by plugin id
    steady: Callable[[], float] = time.monotonic
    _lately: dict[str, tuple[float, State | Unobservable]] = field(default_factory=dict, init=False, repr=False)
    _lives: dict[str, str] = field(default_factory=dict, init=False, repr=False)  # as last seen with the knobs
    _sensed: dict[str, str] = field(default_factory=dict, init=False, repr=False)  # lives as last seen by the sensors
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def discover(self) -> list[Plugin]:
        """Return the named plugins whose receiver answers."""
        return [plugin for plugin, why in self.found() if not why]

    def found(self) -> list[tuple[Plugin, str]]:
        """Return every named plugin, and why its receiver does not answer ("" where it does)."""
        return [(plugin, self._trouble(plugin)) for plugin in self.configured]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return the metrics it tells. Raises Unobservable."""
        try:
            state = self._recent(plugin)
        except Gone:
            return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]
        figures = {Metric.UP: 1.0, **self._restarts(plugin, state), **state.figures}
        return [Sample(plugin.plugin_id, metric, now, value) for metric, value in figures.items()]

    def pool(self, plugin: Plugin) -> Pool | None:
        """Return how it serves, where it tells. Raises Gone, Unobservable."""
        return self._recent(plugin).pool

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return what it tells now. Raises Gone, Unobservable."""
        state = self._look(plugin)
        self._lives[plugin.plugin_id] = state.life
        return list(state.knobs)

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Order a value. Raises NotFound, InvalidValue, Refused (nothing happened, and the value shows it), Gone, Unobservable."""
        self.turn_once(plugin, knob, to, _by_chance())

    def turn_once(self, plugin: Plugin, knob: str, to: Value, order: str) -> None:
        state = self._look(plugin)
        self._check_life(plugin, state)
        found = state.knob(plugin, knob)
        value = checked(found, to)
        if value == found.value:
            return
        question = Turn(plugin=plugin.plugin_id, order=order, life=state.life, knob=knob, seen=found.value, to=value)
        reply = self._order(plugin, question, order)
        if reply.outcome is not Outcome.DONE:
            self._settle(plugin, reply, value, lambda: self._look(plugin).knob(plugin, knob).value, found.value)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Let it come back with `to`; False where it has no place to keep it. Raises what `turn` does."""
        return self.persist_once(plugin, knob, to, _by_chance())

    def persist_once(self, plugin: Plugin, knob: str, to: Value, order: str) -> bool:
        state = self._look(plugin)
        found = state.knob(plugin, knob)
        value = checked(found, to)
        if not found.persistent:
            return False
        if found.value != value:
            raise InvalidValue(f"{knob} of {plugin.plugin_id} runs with {found.value!r}: {to!r} cannot be made to last")
        kept = state.kept[knob]
        if kept != value:
            order = f"{order}:keep"  # whoever goes by the name alone must not take it for the turn
            question = Keep(
                plugin=plugin.plugin_id, order=order, life=state.life, knob=knob, seen=found.value, to=value
            )
            reply = self._order(plugin, question, order)
            self._settle(plugin, reply, value, lambda: self._look(plugin).kept.get(knob), kept)
        return True

    def incarnation(self, plugin: Plugin) -> str:
        """Return the life that it names. Raises Gone, Unobservable."""
        return self._recent(plugin).life

    def _trouble(self, plugin: Plugin) -> str:
        try:
            self._recent(plugin)
        except Unobservable as error:
            return str(error)
        return ""

    def _recent(self, plugin: Plugin) -> State:
        """Return the last answer if it came within a second, else ask; what went wrong is remembered as long."""
        with self._lock:
            known = self._lately.get(plugin.plugin_id)
        if known is None or self.steady() - known[0] > LATELY_SECONDS:
            return self._look(plugin)
        if isinstance(known[1], Unobservable):
            raise known[1]
        return known[1]

    def _look(self, plugin: Plugin) -> State:
        try:
            found: State | Unobservable = self._ask(plugin)
        except Unobservable as error:
            found = error
        with self._lock:
            self._lately[plugin.plugin_id] = (self.steady(), found)
        if isinstance(found, Unobservable):
            raise found
        return found

    def _ask(self, plugin: Plugin) -> State:
        reply = self._receiver(plugin).ask(Read(plugin=plugin.plugin_id), "")
        if reply.outcome is Outcome.ABSENT:
            raise Gone(f"{plugin.plugin_id} does not run: {reply.said}")
        if reply.outcome is not Outcome.DONE:
            raise Unobservable(f"{plugin.plugin_id} did not tell how it stands: {reply.said}")
        return state_of(parse_report(reply.body), self.kind)

    def _order(self, plugin: Plugin, question: Question, order: str) -> Reply:
        """Give an order. Where no answer comes, it may have been carried out all the same."""
        try:
            return self._receiver(plugin).ask(question, order)
        except Unobservable as error:
            return Reply(Outcome.FAILED, b"", str(error))

    def _settle(self, plugin: Plugin, reply: Reply, to: Value, look: Callable[[], Value | None], before: Value) -> None:
        """Believe what is seen. Raises Refused where it declined and nothing changed, Unobservable where nobody can tell."""
        value = look()
        if value == to:
            return
        if reply.outcome is Outcome.REFUSED and value == before:
            raise Refused(f"{plugin.plugin_id} declined: {reason_of(reply.body)}")
        raise Unobservable(f"{plugin.plugin_id} was asked for {to!r} and shows {value!r}: {reply.said}")

    def _receiver(self, plugin: Plugin) -> Receiver:
        found = self.receivers.get(plugin.plugin_id)
        if found is None:
            raise Gone(f"the configuration of this process names no {self.kind} {plugin.plugin_id}")
        return found

    def _check_life(self, plugin: Plugin, state: State) -> None:
        """Let a restart between the look and the deed be looked at first."""
        if self._lives.get(plugin.plugin_id, state.life) != state.life:
            raise Unobservable(f"{plugin.plugin_id} was started again since it was looked at")

    def _restarts(self, plugin: Plugin, state: State) -> Mapping[Metric, float]:
        before = self._sensed.get(plugin.plugin_id)
        self._sensed[plugin.plugin_id] = state.life
        if UNKNOWN_LIFE in (before, state.life) or before is None:
            return {}
        return {Metric.RESTARTS: float(before != state.life)}


def webhooks(configured: tuple[Plugin, ...]) -> ReceiverTouchpoint:
    """Return the touchpoint of the plugins that name an HTTP endpoint. Raises ConfigError."""
    return _touchpoint("webhook", configured, lambda plugin: Endpoint(webhook_settings(plugin)))


def commands(configured: tuple[Plugin, ...]) -> ReceiverTouchpoint:
    """Return the touchpoint of the plugins that name a command. Raises ConfigError."""
    return _touchpoint("command", configured, lambda plugin: Program(command_settings(plugin)))


def _touchpoint(kind: str, configured: tuple[Plugin, ...], make: Callable[[Plugin], Receiver]) -> ReceiverTouchpoint:
    own = tuple(plugin for plugin in configured if plugin.touchpoint == kind)
    return ReceiverTouchpoint(kind, own, {plugin.plugin_id: make(plugin) for plugin in own})


def _by_chance() -> str:
    return uuid.uuid4().hex
