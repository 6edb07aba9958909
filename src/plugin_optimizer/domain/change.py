"""What can be turned, by how much, and how turning it will be judged."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from .errors import InvalidValue
from .metric import Metric

Value = int | float | str | bool
LIFE = "life"  # the kind of knob that a restart turns: its value names the present life
_NEXT = "after "


class Disruption(StrEnum):
    """What turning the knob does to requests in flight."""

    LIVE = "live"
    RELOAD = "reload"  # none fails: old processes finish what they have begun, new ones take over
    RESTART = "restart"


class Reversibility(StrEnum):
    REVERSIBLE = "reversible"
    LOSSY = "lossy"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, slots=True)
class Knob:
    """A setting as it was observed: `value` is what runs now, not what somebody once wrote.

    Numeric knobs have bounds; textual ones have `choices`. `persistent` says whether a kept value
    survives a restart of the managed thing by itself. `needed` is what was seen to be needed: no change goes below it, but
    the way back does. `down` is what a smaller number costs where that is another thing than a larger one (a cache evicts).
    """

    name: str
    value: Value
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    step: float = 1
    disruption: Disruption = Disruption.LIVE
    reversibility: Reversibility = Reversibility.REVERSIBLE
    persistent: bool = True
    kind: str = (
        ""  # what planners look for: workers, cache_size, max_requests, threads, time_limit, performance, setting
    )
    needed: float | None = None
    down: Reversibility | None = None

    def reversibility_to(self, to: Value) -> Reversibility:
        """Return how exactly a turn from the present value to `to` can be taken back."""
        smaller = isinstance(to, int | float) and isinstance(self.value, int | float) and to < self.value
        return self.down if smaller and self.down is not None else self.reversibility

    def checked(self, to: Value) -> Value:
        """Return `to` if this knob can be turned there; raise InvalidValue saying what would fit."""
        if self.choices:
            if to not in self.choices:
                raise InvalidValue(f"{self.name} takes one of {', '.join(self.choices)}, not {to!r}")
            return to
        if isinstance(to, bool) or not isinstance(to, int | float) or to != to:
            raise InvalidValue(f"{self.name} takes a number, not {to!r}")
        low, high = self.minimum, self.maximum
        if (low is not None and to < low) or (high is not None and to > high):
            raise InvalidValue(f"{self.name} takes {low:g} to {high:g}, not {to:g}")
        return to


class Direction(StrEnum):
    DOWN = "down"
    UP = "up"


class Purpose(StrEnum):
    """What the change is for; it decides what an inconclusive or 'same' verdict leads to."""

    IMPROVE = "improve"  # spends something for a benefit: 'same' is undone
    SAVE = "save"  # gives something back: 'same' is kept
    REPAIR = "repair"  # something is broken: an open question goes to a person
    RENEW = "renew"  # what was used up begins anew: judged by its level, which may grow again; nothing is taken back


@dataclass(frozen=True, slots=True)
class Goal:
    """How a change will be judged, fixed before anything is touched.

    `least_effect` is the smallest relative effect worth claiming (the guard band), `guards` the metrics
    that must not get worse, `slo` the bound of the metric that has to be met, if there is one. `effect_seconds` after the
    change its effect can be seen at the earliest: until then nothing is concluded from its absence. `fill_seconds` is how
    long what was enlarged takes to fill: the judgement begins when it has stopped growing.
    """

    metric: Metric
    direction: Direction
    purpose: Purpose
    least_effect: float = 0.05
    guards: tuple[Metric, ...] = (Metric.ERROR_RATIO,)
    slo: float | None = None
    effect_seconds: float = 0.0
    fill_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """One knob from an observed value to another, with the goal it is judged by. Absolute, never a delta."""

    plugin_id: str
    knob: str
    before: Value
    after: Value
    goal: Goal

    @property
    def direction(self) -> str:
        """Return `up` or `down` for numbers, the target itself for words."""
        if isinstance(self.before, str) or isinstance(self.after, str):
            return str(self.after)
        return Direction.UP if self.after > self.before else Direction.DOWN

    @property
    def ends_life(self) -> bool:
        """Tell whether it is a restart. Nobody can take it back: a life that has ended does not return."""
        return isinstance(self.before, str) and self.after == following(self.before)

    def known(self, value: Value) -> Value:
        """Return an observed value as this change knows it: any later life is the one that was to follow."""
        return self.after if self.ends_life and value != self.before else value

    def inverse(self) -> Self:
        return replace(self, before=self.after, after=self.before)


def following(life: str) -> str:
    """Return the value that a restart turns a knob of kind `life` to: the life after this one, whatever its name will be.

    So a restart, too, is absolute: ordered twice it happens once, and whether it happened can be seen.
    """
    return f"{_NEXT}{life}"
