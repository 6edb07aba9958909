"""How closely the series of each plugin are watched in a turn."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from ..models.raised_bars import Place


@dataclass(frozen=True, slots=True)
class Attention:
    """`bars` are the plugins that are there, each with how unusual something has to be to be told (1 as shipped).

    `raised` is by what factor more where people said that it was no problem. `changed` are plugins whose settings were
    changed a moment ago: what is new there has a reason, and is learnt without a word.
    """

    bars: Mapping[str, float]
    raised: Mapping[Place, float] = field(default_factory=dict)
    changed: AbstractSet[str] = frozenset()
