"""How long the present life of a plugin has lasted, and what a fresh start would give back."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ..domain import Fleet, Knob, Metric, PluginView, Window
from .growth import measure_growth
from .series import lately, memory_limit_bytes

LEAST_LIFE_SECONDS = (
    3600.0  # a leak that fills memory sooner is not cured by a restart: it would be restarted over and over
)
LEAST_FRESH_RATIO = 0.3  # of what is held: what a fresh start takes at least, where only the growth is known


@dataclass(frozen=True, slots=True)
class FreshStart:
    """What memory, in bytes, is expected after a restart, with an 80 % interval; `again_seconds`: how long until the limit then."""

    used_bytes: float
    used_ratio: float
    expected_bytes: float
    low_bytes: float
    high_bytes: float
    again_seconds: float

    def ratio(self, memory_bytes: float) -> float:
        """Return so much memory as a share of the limit."""
        return self.used_ratio * memory_bytes / self.used_bytes


def began_at(life: Knob) -> float | None:
    """Return when the present life began (Unix seconds), which its name begins with; None for a name of another form."""
    try:
        return datetime.fromisoformat(str(life.value).split(" ", 1)[0]).timestamp()
    except ValueError:
        return None


def age_seconds(life: Knob, now: float) -> float:
    """Return how long it has lasted; 0 where that is not known."""
    began = began_at(life)
    return 0.0 if began is None else now - began


def fresh_start(view: PluginView, life: Knob, window: Window, fleet: Fleet) -> FreshStart | None:
    """Return what a restart of a plugin that leaks gives back; None where its growth or its limit is not known.

    It held at its start what is left of the present use when the growth is taken off: the growth that was seen at the least, the
    same growth over its whole life at the most, and expected half-way.
    """
    plugin_id, began = view.plugin.plugin_id, began_at(life)
    limit, ratio = memory_limit_bytes(window, fleet, plugin_id), lately(window, plugin_id, Metric.MEMORY_RATIO)
    if plugin_id not in window.plugin_ids or began is None or not np.isfinite(limit) or not ratio > 0:
        return None
    growth = measure_growth(window, 0.0)
    row = window.plugin_ids.index(plugin_id)
    used, slope, seen = float(growth.total_bytes[row]), float(growth.slope[row]), growth.seconds(row)
    if not used > 0 or not slope > 0:
        return None
    least = LEAST_FRESH_RATIO * used
    high, low = (max(least, used - slope * seconds) for seconds in (seen, max(seen, fleet.now - began)))
    expected = (low + high) / 2
    return FreshStart(used, ratio, expected, low, high, max(0.0, limit - expected) / slope)
