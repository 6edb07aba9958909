"""What a touchpoint, a source of requests, a detector, a planner, a judge and a notifier promise: the plug-ins of this house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..domain import (
    Attributes,
    CacheTrace,
    ErrorGroup,
    Finding,
    Fleet,
    Goal,
    Knob,
    Letter,
    Plugin,
    Policies,
    Pool,
    Proposal,
    RequestTrace,
    Sample,
    Silence,
    Value,
    Verdict,
    Window,
)


class Touchpoint(Protocol):
    """Senses and turns one kind of managed thing. Only reads and turns: safety is written in `execute`."""

    @property
    def kind(self) -> str: ...

    def discover(self) -> Iterable[Plugin]:
        """Return what of this kind runs on this host now."""
        ...

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        """Measure it from outside. Yields `Metric.UP` = 0 when it was looked for and is not there.

        Raises Unobservable when nothing can be concluded (no permission, a read failed).
        """
        ...

    def pool(self, plugin: Plugin) -> Pool | None:
        """Return how it serves requests; None where the question makes no sense. Raises Gone."""
        ...

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        """Return its knobs with the values observed now. Raises Gone, Unobservable."""
        ...

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Make one step towards `to`, and return without waiting for it to show.

        Idempotent at the target: nothing happens where `to` is already so. The caller observes by `knobs`
        before it asks for the next step. Raises Refused before any effect, Gone, Unobservable.
        """
        ...

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Make `to` survive reload and restart; return False where this target has no place to keep it.

        Idempotent. Raises Refused, Gone.
        """
        ...


@runtime_checkable
class OrdersByName(Protocol):
    """What a touchpoint may offer beside: its target is told the name of each order, and carries out one that arrives
    twice (a proxy sent it again) once. Both promise what `turn` and `persist` do, which are then given a name by chance.
    """

    def turn_once(self, plugin: Plugin, knob: str, to: Value, order: str) -> None: ...
    def persist_once(self, plugin: Plugin, knob: str, to: Value, order: str) -> bool: ...


class RequestSource(Protocol):
    """Reads what the probes of this host recorded. Incremental: each call returns what came since the last."""

    def plugins(self) -> Sequence[str]: ...
    def read(self, plugin_id: str) -> RequestTrace: ...
    def caches(self, plugin_id: str) -> Sequence[CacheTrace]: ...
    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]: ...
    def attributes(self, plugin_id: str) -> Mapping[int, Attributes]: ...


class Detector(Protocol):
    """Window → findings. Pure: no clock, file, socket or chance. Missing data yields no finding."""

    @property
    def name(self) -> str: ...

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterable[Finding]: ...


class Planner(Protocol):
    """Findings → proposals. Pure. Yields a Silence with its reason for a plugin it has nothing to say about."""

    @property
    def name(self) -> str: ...

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterable[Proposal | Silence]: ...


@dataclass(frozen=True, slots=True)
class Observation:
    """A stretch of time under one value of the knob: samples, and requests where a probe recorded them."""

    window: Window
    trace: RequestTrace = field(default_factory=RequestTrace.empty)


class Verifier(Protocol):
    """Judges a change. Pure and deterministic: the same observations give the same verdict.

    Returns an INCONCLUSIVE verdict while more time is needed; its reasons say what is missing.
    """

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict: ...


class Notifier(Protocol):
    """Tells people outside. A frozen dataclass whose fields are its settings; secrets among them are `notify.Secret`."""

    @property
    def kind(self) -> str: ...

    def send(self, letter: Letter) -> str:
        """Deliver and return what the other side answered, in one line. Ends within 15 s, however that one behaves.

        A letter may be sent again with the same id. Raises DeliveryRefused where sending it again is of no use, else
        Undelivered. Says no secret, neither in the answer nor in an error.
        """
        ...
