"""Where the metrics of a plugin will be within the next hour, day or week, as bands that hold them four times in five."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Literal

import msgspec
import numpy as np

from ...domain import Message, Metric
from ...models.forecast_band import MINUTE_SECONDS, RECENT_SECONDS, Band, forecast_band
from ...models.load_forecast import PAST_SECONDS, STEP_SECONDS
from ...models.long_forecast import AHEAD_HOURS, HOUR_SECONDS, WEEKS_SECONDS, long_band
from ...models.times_apart import Past, TimesApart
from ..computed import Computed, breathe
from ..moment import iso
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin, past_of
from ..views.message import MessageView, view_message

KEPT_SECONDS = 60.0
SURE = 0.8
NOT_FORETOLD = frozenset(
    {
        Metric.UP,
        Metric.RESTARTS,
        Metric.FAILED_WORKERS,
        Metric.WORKERS,
        Metric.REQUESTS,
        Metric.OOM_KILLS,
        Metric.HEALTHY,
    }
)  # what is set or counted
Kept = tuple[float, Mapping[Metric, Band]]
KEPT: Computed[Kept] = Computed(KEPT_SECONDS)


class ForecastQuery(Strict, frozen=True, kw_only=True):
    """How far: `hour` as charts draw it; `day` and `week` for capacity, from hours of the last eight weeks."""

    ahead: Literal["hour", "day", "week"] = "hour"


class BandView(msgspec.Struct, frozen=True, kw_only=True):
    """`points`: [time, expected, low, high], ascending.

    `rests_on`: the same hour of `days` days, or changes of the last day; `hours` for a day or a week ahead.
    """

    rests_on: Literal["days", "changes", "hours"]
    days: int
    points: tuple[tuple[str | None, float, float, float], ...]


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """`why_not` says why there is no band at all; null where there is one."""

    at: str | None
    probability: float
    bands: Mapping[str, BandView]
    why_not: MessageView | None


def read_forecast(call: Call, query: ForecastQuery, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    apart = TimesApart.of(call.system.policies().of(plugin_id))
    make = _bands if query.ahead == "hour" else partial(_long_bands, query.ahead)
    at, bands = KEPT.of(
        (id(call.system), plugin_id, query.ahead, apart), lambda: (call.now, make(call, plugin_id, apart))
    )
    until = apart.maintenance_until(call.now)
    if until is not None:
        bands = {}
    why_not = (
        Message("too_young_to_foretell") if until is None else Message("in_maintenance", {"until_at_seconds": until})
    )
    return Answer(
        Forecast(
            at=iso(at),
            probability=SURE,
            bands={metric.value: _view(at, band, query) for metric, band in bands.items()},
            why_not=None if bands else view_message(why_not, call.lang),
        )
    )


def _bands(call: Call, plugin_id: str, apart: TimesApart) -> Mapping[Metric, Band]:
    found: dict[Metric, Band] = {}
    for metric in Metric:
        if metric in NOT_FORETOLD:
            continue
        recent = past_of(call, plugin_id, metric, RECENT_SECONDS, MINUTE_SECONDS)
        week = past_of(call, plugin_id, metric, PAST_SECONDS, STEP_SECONDS) if recent else ()
        most = 1.0 if metric.value.endswith("_ratio") else float("inf")
        served = _usual(recent, replace(apart, holidays=()))
        band = forecast_band(served, apart.comparable(week, call.now), call.now, most)
        if band is not None:
            found[metric] = band
        breathe()
    return found


def _long_bands(ahead: Literal["day", "week"], call: Call, plugin_id: str, apart: TimesApart) -> Mapping[Metric, Band]:
    """Return bands from hours that are not apart, without points on holidays and in maintenance: nothing tells of those."""
    found: dict[Metric, Band] = {}
    for metric in Metric:
        past = () if metric in NOT_FORETOLD else past_of(call, plugin_id, metric, WEEKS_SECONDS, HOUR_SECONDS)
        most = 1.0 if metric.value.endswith("_ratio") else float("inf")
        band = long_band(_usual(past, apart), call.now, AHEAD_HOURS[ahead], most)
        points = tuple(p for p in band.points if not apart.holds(call.now + p.ahead_seconds)) if band else ()
        if points:
            found[metric] = Band(points, 0)
        breathe()
    return found


def _usual(past: Past, apart: TimesApart) -> Past:
    away = apart.mask(np.array([at for at, _ in past]))
    return tuple(pair for pair, out in zip(past, away.tolist(), strict=True) if not out)


def _view(at: float, band: Band, query: ForecastQuery) -> BandView:
    near: Literal["days", "changes"] = "days" if band.days else "changes"
    return BandView(
        rests_on=near if query.ahead == "hour" else "hours",
        days=band.days,
        points=tuple((iso(at + p.ahead_seconds), p.expected, p.low, p.high) for p in band.points),
    )


ROUTES = (
    Route(
        "GET",
        "/plugins/<plugin_id>/forecast",
        Role.VIEWER,
        read_forecast,
        "Read where metrics will be within the next hour, day or week",
        Forecast,
        ForecastQuery,
    ),
)
