"""How closely the series of each plugin are watched in a turn."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from ..models.raised_bars import Place
from ..models.times_apart import TimesApart


@dataclass(frozen=True, slots=True)
class Attention:
    """`bars` are the plugins that are there, each with how unusual something has to be to be told (1 as shipped).

    `raised` is by what factor more where people said that it was no problem. `changed` are plugins whose settings were
    changed a moment ago: what is new there has a reason, and is learnt without a word. `apart` are maintenance and holidays
    of the plugins that have any: then nothing is learnt.
    """

    bars: Mapping[str, float]
    raised: Mapping[Place, float] = field(default_factory=dict)
    changed: AbstractSet[str] = frozenset()
    apart: Mapping[str, TimesApart] = field(default_factory=dict)

    def resting(self, at: float) -> frozenset[str]:
        """Return the plugins of which nothing is learnt at that time."""
        now = {times: times.holds(at) for times in set(self.apart.values())}  # mostly one, that of the default policy
        return frozenset(name for name, times in self.apart.items() if now[times])
