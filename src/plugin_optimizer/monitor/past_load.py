"""What was asked of a plugin in the last days, looked up where somebody plans how much it can serve."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..contracts import SampleStore
from ..domain import Finding, FindingKind, Fleet, Metric, PluginView
from ..models.load_forecast import PAST_SECONDS, STEP_SECONDS
from ..models.times_apart import TimesApart

Past = tuple[tuple[float, float], ...]

ABOUT_CAPACITY = frozenset({FindingKind.SATURATION, FindingKind.WASTE, FindingKind.THRESHOLD})


@dataclass(slots=True)
class PastLoad:
    """Looks it up once in five minutes for each plugin that has such a finding: a week of one takes milliseconds."""

    samples: SampleStore
    known: dict[str, tuple[float, Past]] = field(default_factory=dict)

    def beside(self, fleet: Fleet, findings: Iterable[Finding]) -> Fleet:
        """Return the fleet with the past load of each plugin that planners for its capacity will look at."""
        asked = {f.plugin_id for f in findings if f.kind in ABOUT_CAPACITY} & fleet.views.keys()
        self.known = {name: self._of(name, fleet.now) for name in asked}
        if not asked:
            return fleet
        seen = {name: _seen(fleet.views[name], self.known[name][1], fleet.now) for name in asked}
        return replace(fleet, views={**fleet.views, **seen})

    def _of(self, plugin_id: str, now: float) -> tuple[float, Past]:
        before = self.known.get(plugin_id)
        if before is not None and 0 <= now - before[0] < STEP_SECONDS:
            return before
        metric, points = Metric.THROUGHPUT_PER_SECOND, round(PAST_SECONDS / STEP_SECONDS)
        return now, tuple(self.samples.range(plugin_id, (metric,), now - PAST_SECONDS, now, points).get(metric, ()))


def _seen(view: PluginView, past: Past, now: float) -> PluginView:
    """Return the view with what of the past tells something about now: no maintenance, no holidays."""
    return replace(view, past_load=tuple(TimesApart.of(view.policy).comparable(past, now)))
