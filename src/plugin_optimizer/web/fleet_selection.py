"""Which plugins are asked for, and in which order: decided on the index alone, in one pass of arrays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric, Plugin
from .fleet_index import HEALTHS, FleetIndex

Places = NDArray[np.intp]
Column = Callable[[Metric], NDArray[np.float64]]

SORTED_BY: Mapping[str, Metric] = {
    "cpu_usage": Metric.CPU_RATIO,
    "memory_usage": Metric.MEMORY_RATIO,
    "error_rate": Metric.ERROR_RATIO,
    "response_time": Metric.RESPONSE_TIME_SECONDS,
    "response_time_p95_seconds": Metric.RESPONSE_TIME_P95_SECONDS,
    "workers": Metric.WORKERS,
}
BY_NAME, WORST = "plugin_id", "worst"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a plugin must fit; an empty field lets all pass.

    `words` must all occur in its name, touchpoint or labels. Of `health`, `touchpoint` and `plugin_id` it must be one.
    Each of `labels` must fit: `key=value`, `key` (has one), `key=` (has none).
    """

    words: str = ""
    health: tuple[str, ...] = ()
    touchpoint: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    plugin_id: tuple[str, ...] = ()


def places_of(index: FleetIndex, wanted: Filter, ranks: NDArray[np.int8]) -> Places:
    """Return the places of the plugins that fit, in the order of the index (by id)."""
    fits = np.ones(len(index), np.bool_)
    if wanted.health:
        fits &= np.isin(ranks, [HEALTHS.index(health) for health in wanted.health])
    places = np.flatnonzero(fits)
    words = wanted.words.casefold().split()
    if not (words or wanted.touchpoint or wanted.labels or wanted.plugin_id):
        return places
    labels = [label.partition("=") for label in wanted.labels]
    named = frozenset(wanted.plugin_id)

    def suits(place: int) -> bool:
        plugin = index.rows[place][0]
        return (
            (not named or plugin.plugin_id in named)
            and (not wanted.touchpoint or plugin.touchpoint in wanted.touchpoint)
            and all(_has(plugin, *label) for label in labels)
            and all(word in index.words[place] for word in words)
        )

    return np.array([place for place in places.tolist() if suits(place)], np.intp)


def _has(plugin: Plugin, key: str, equals: str, value: str) -> bool:
    """Tell whether a label fits `key=value`, `key` (any value) or `key=` (no such label)."""
    found = plugin.labels.get(key, "")
    return found == value if equals else bool(found)


def worst_first(index: FleetIndex, places: Places, ranks: NDArray[np.int8]) -> Places:
    """Return the places by health, then by how bad the worst finding is, then by name."""
    return places[np.lexsort((-index.score[places], ranks[places]))]


def in_order(index: FleetIndex, places: Places, sort: str, ranks: NDArray[np.int8], column: Column) -> Places:
    """Return the places by `plugin_id`, `worst` first, or a figure of SORTED_BY; `-` before it turns it round.

    Equals stand by name, and what has no present figure comes last either way.
    """
    name = sort.removeprefix("-")
    if name == WORST:
        return worst_first(index, places, ranks)
    if name == BY_NAME:
        return places if name == sort else places[::-1]
    values = column(SORTED_BY[name])[places]
    values = -values if name != sort else values
    return places[np.argsort(values, kind="stable")]  # NaN is sorted to the end


def counted(ranks: NDArray[np.int8]) -> Mapping[str, int]:
    """Return how many have each health."""
    return dict(zip(HEALTHS, np.bincount(ranks, minlength=len(HEALTHS)).tolist(), strict=True))


def values_of(index: FleetIndex, places: Places, by: Sequence[str]) -> Mapping[str, list[int]]:
    """Return the places by the value of `("touchpoint",)` or `("label", key)`; "" where there is no such label."""
    groups: dict[str, list[int]] = {}
    for place in places.tolist():
        plugin = index.rows[place][0]
        value = plugin.touchpoint if by[0] == "touchpoint" else plugin.labels.get(by[1], "")
        groups.setdefault(value, []).append(place)
    return groups
