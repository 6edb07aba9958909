"""All that others measured of our plugins, as samples, look by look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from ...contracts import Inbox
from ...domain import Refusal, Sample
from .collecting import Collected, Collecting
from .increases import SERIES_LIMIT, Budget, Increases
from .limits import MetricsIn
from .meaning import Mapped, mapped_from
from .points import Point, unpacked
from .settings import PluginMetrics
from .timeline import Timeline
from .translation import Translation

OWN_LIMITS = frozenset({SERIES_LIMIT})


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported of one plugin since the look before. `trouble` says why something is missing; empty if nothing is."""

    samples: Sequence[Sample] = ()
    refusals: Sequence[Refusal] = ()
    trouble: str = ""


@dataclass(slots=True)
class ReportedFigures:
    """Joins what was pushed to the inbox with what is scraped and pulled. Used by one thread, that of the turns."""

    metrics: Mapping[str, PluginMetrics]
    limits: MetricsIn
    inbox: Inbox
    step_seconds: float
    mapped: Mapping[str, Mapping[str, Mapped]] = field(init=False)
    collecting: Collecting = field(init=False)
    translations: dict[str, Translation] = field(default_factory=dict)
    pushed: dict[str, list[Point]] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)  # of the latest scrape or pull

    def __post_init__(self) -> None:
        self.mapped = {name: mapped_from(each.names, name) for name, each in self.metrics.items()}
        self.collecting = Collecting(self.metrics, self.mapped, self.limits)
        budget = Budget(self.limits.series)
        for plugin_id in self.metrics:
            timeline = Timeline(plugin_id, self.step_seconds)
            self.translations[plugin_id] = Translation(timeline, Increases(self.limits, budget), self.mapped[plugin_id])

    @property
    def prefixes(self) -> frozenset[str]:
        """Return how the StatsD lines begin that plugins send themselves."""
        return frozenset(settings.statsd for settings in self.metrics.values() if settings.statsd)

    def receive(self, now: float) -> None:
        """Take what was pushed since the look before."""
        for parcel in self.inbox.take(now):
            if parcel.plugin_id in self.metrics:
                try:
                    self.pushed.setdefault(parcel.plugin_id, []).extend(unpacked(parcel.body))
                except msgspec.DecodeError:  # written by another version of ours
                    self.inbox.note("unreadable", parcel.plugin_id, 1, now)

    def heard(self, plugin_id: str, now: float) -> None:
        """Note that the plugin told of itself in another way."""
        if plugin_id in self.translations:
            self.translations[plugin_id].hear(now)

    def of(self, plugin_id: str, now: float, slots: int | None) -> Reported:
        """Return what is new of a plugin; nothing for one of which others measure nothing."""
        translation = self.translations.get(plugin_id)
        if translation is None:
            return Reported()
        collected = self.collecting.take(plugin_id)
        points = [*self.pushed.pop(plugin_id, ()), *collected.points]
        limit = self.metrics[plugin_id].cpu_limit_cores
        samples, refusals = translation.samples(points, now, slots, limit)
        if collected.gone and not points:
            samples = [*samples, *translation.down(now)]
        self._note(plugin_id, collected, refusals, now)
        if collected.asked:
            self.troubles[plugin_id] = collected.trouble
        return Reported(samples, refusals, self.troubles.get(plugin_id, ""))

    def close(self) -> None:
        self.collecting.close()

    def _note(self, plugin_id: str, collected: Collected, refusals: Sequence[Refusal], now: float) -> None:
        """Count who ran into a limit, where people look for it."""
        for refusal in refusals:
            if refusal.reason in OWN_LIMITS:
                self.inbox.note(refusal.reason, plugin_id, refusal.count, now)
        for reason, count in collected.refused.items():
            self.inbox.note(reason, plugin_id, count, now)
