"""What the agent does when it is asked: sense by its touchpoints, act by its actuator, and say what went wrong."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from ..contracts import Touchpoint
from ..domain import Gone, InvalidValue, NotFound, OptimizerError, Plugin, Refused, Stale, Unobservable
from ..execute.actuator import Actuator
from ..execute.holders import Holder
from ..execute.keeper import incarnation_of
from .messages import (
    AnyQuestion,
    AskCache,
    AskKnobs,
    AskPool,
    Bar,
    Discover,
    Failed,
    Fetch,
    Held,
    Incarnation,
    Kinds,
    Persist,
    PoolView,
    Sense,
    Told,
    Turn,
)
from .spool import Spool

Name = Literal["refused", "stale", "gone", "unobservable", "not_found", "invalid", "other"]
OTHER: Name = "other"

# The first that fits is told: Gone is also Unobservable.
NAMES: Mapping[type[OptimizerError], Name] = {
    Gone: "gone",
    Unobservable: "unobservable",
    Stale: "stale",
    Refused: "refused",
    NotFound: "not_found",
    InvalidValue: "invalid",
}


def nobody(now: float) -> Iterable[Holder]:  # noqa: ARG001 - no fence, no holder
    return ()


@dataclass(frozen=True, slots=True)
class Service:
    """Answers questions whose origin has been checked. `held` tells who holds a fence for long at a moment; `spool` keeps what an
    agent on another host has sensed, None on the server's own.
    """

    touchpoints: Mapping[str, Touchpoint]
    actuator: Actuator
    held: Callable[[float], Iterable[Holder]] = nobody
    spool: Spool | None = None

    def answer(self, question: AnyQuestion) -> Told | Failed:
        try:
            return Told(msgspec.Raw(msgspec.json.encode(self._result(question))))
        except OptimizerError as error:
            name = next((name for kind, name in NAMES.items() if isinstance(error, kind)), OTHER)
            return Failed(name, str(error), getattr(error, "code", ""))
        except Exception as error:  # noqa: BLE001 - a touchpoint's fault is an answer, not the agent's end
            return Failed("other", f"{type(error).__name__}: {error}")

    def _result(self, question: AnyQuestion) -> object:
        if isinstance(question, Kinds):
            return sorted(self.touchpoints)
        if isinstance(question, Bar):
            return self._bar(question)
        if isinstance(question, Held):
            return list(self.held(question.at))
        if isinstance(question, Discover):
            return list(self._of_kind(question.kind).discover())
        if isinstance(question, Turn | Persist):
            return self._act(question)
        if isinstance(question, Fetch):
            return self._fetch(question)
        return self._look(question)

    def _act(self, question: Turn | Persist) -> object:
        order = question.order
        act: Callable[..., object] = self.actuator.turn if isinstance(question, Turn) else self.actuator.persist
        return act(self._of(order.plugin), order)

    def _bar(self, question: Bar) -> bool:
        anything = next(iter(self.touchpoints.values()))  # fences are kept by plugin, whatever its kind
        return self.actuator.bar(anything, question.plugin_id, question.fence)

    def _fetch(self, question: Fetch) -> object:
        if self.spool is None:
            raise Refused("this agent keeps nothing for later; it is asked at the socket of its host")
        self._of(question.plugin)
        return self.spool.fetch(question.plugin, question.spool, question.after)

    def _look(self, question: Sense | AskPool | AskKnobs | AskCache | Incarnation) -> object:
        touchpoint, plugin = self._of(question.plugin), question.plugin
        if isinstance(question, Sense):
            return list(touchpoint.sense(plugin, question.at))
        if isinstance(question, AskKnobs):
            return list(touchpoint.knobs(plugin))
        if isinstance(question, Incarnation):
            return incarnation_of(touchpoint, plugin)
        if isinstance(question, AskCache):
            tell = getattr(touchpoint, "cache_server", None)
            return tell(plugin) if tell is not None else None
        pool = touchpoint.pool(plugin)
        return None if pool is None else PoolView.of(pool)

    def _of(self, plugin: Plugin) -> Touchpoint:
        return self._of_kind(plugin.touchpoint)

    def _of_kind(self, kind: str) -> Touchpoint:
        if kind not in self.touchpoints:
            raise NotFound(f"this agent knows no touchpoint {kind!r}, only {', '.join(sorted(self.touchpoints))}")
        return self.touchpoints[kind]
