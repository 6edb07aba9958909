"""The peers: two fixed rules that see the same requests at the same moments."""

from collections.abc import Iterator

import numpy as np

from plugin_optimizer.domain import RequestTrace

from .turns import STEP_SECONDS, Offer, Watched

ERROR_LIMIT = 0.05
SCRAPE_SECONDS, RANGE_SECONDS, FOR_SECONDS = 15.0, 60.0, 60.0
CLEAR_SECONDS = 60.0  # one that fires again within it is the same alarm, as it is for the engine


def static_threshold(plugin: Watched, begin: float, end: float) -> list[Offer]:
    """Fire when the latest 5 s exceed a limit: mean response time over the SLO, or over 5 % failed."""
    return _alarms(plugin, "static threshold", _latest(plugin, begin, end))


def for_a_minute(plugin: Watched, begin: float, end: float) -> list[Offer]:
    """Fire when p95 (or the share of failures) of the last minute exceeded its limit for a minute of looks, 15 s apart.

    As `histogram_quantile(0.95, rate(…[1m])) > SLO` with `for: 1m` in Prometheus, with exact quantiles instead of buckets.
    """
    return _alarms(plugin, "for a minute", _lasting(plugin, begin, end))


def _latest(plugin: Watched, begin: float, end: float) -> Iterator[tuple[float, bool]]:
    for now in np.arange(begin + STEP_SECONDS, end, STEP_SECONDS).tolist():
        done = _done(plugin, now - STEP_SECONDS, now)
        late = len(done) > 0 and float(done.sojourn.mean()) > plugin.slo_seconds
        yield now, late or _failing(done)


def _lasting(plugin: Watched, begin: float, end: float) -> Iterator[tuple[float, bool]]:
    since = np.inf
    for now in np.arange(begin + SCRAPE_SECONDS, end, SCRAPE_SECONDS).tolist():
        done = _done(plugin, max(begin, now - RANGE_SECONDS), now)
        late = len(done) > 0 and float(np.quantile(done.sojourn, 0.95)) > plugin.slo_seconds
        since = min(since, now) if late or _failing(done) else np.inf
        yield now, now - since >= FOR_SECONDS


def _done(plugin: Watched, begin: float, end: float) -> RequestTrace:
    recent = plugin.seen(begin - 120.0, end)
    return recent.where((recent.end >= begin) & (recent.end < end))


def _failing(done: RequestTrace) -> bool:
    return len(done) > 0 and float((done.status >= 500).mean()) > ERROR_LIMIT


def _alarms(plugin: Watched, rule: str, looks: Iterator[tuple[float, bool]]) -> list[Offer]:
    found, last = [], -np.inf
    for now, fires in looks:
        if fires and now - last > CLEAR_SECONDS:
            found.append(Offer(plugin.plugin_id, rule, now, None, ()))
        last = now if fires else last
    return found
