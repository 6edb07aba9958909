"""Where a plugin's requests spend their time, and why some of them fail: from the requests that its probe recorded."""

from dataclasses import dataclass

import msgspec

from ...domain import ErrorGroup, Message, OptimizerError, RequestTrace
from ...models.series import observed_seconds
from ...models.shares import Shares, shares_of
from ..anatomy import FailedGroup, Parts, RouteTime, failed_groups, parts_of, routes_of
from ..computed import Computed
from ..moment import iso
from ..observed_knobs import OBSERVED_POOLS
from ..recorded import Recorded
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin
from ..span import Moment, span
from ..views.message import MessageView, view_message, view_optional

MOST_SECONDS = 1_800.0  # of the stretch, the last: bounds what is read
CHANGES_BEFORE_SECONDS = 600.0
KEPT_SECONDS = 10.0
ROUNDED_SECONDS = 10.0  # stretches that end this near each other are one question


class AnatomyQuery(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    begin: Moment | None = None
    end: Moment | None = None


class FailedView(msgspec.Struct, frozen=True, kw_only=True):
    """`exception` and what follows are null where no exception was recorded: the answer alone said 5xx."""

    fingerprint: str
    exception: str | None
    message: str | None
    frames: tuple[str, ...]
    first_seen: str | None
    last_seen: str | None
    requests: int
    of_failed_ratio: float
    of_all_ratio: float
    since: str | None
    causes: tuple[MessageView, ...]


class AnatomyView(msgspec.Struct, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    """`parts` is null where too few requests are on record, and `why_not` says so. At most the last half hour is looked at."""

    begin: str | None
    end: str | None
    requests: int
    span_seconds: float
    parts: Parts | None
    mean_queue_seconds: float | None
    p95_seconds: float | None
    load_workers: float | None
    utilisation_ratio: float | None
    bottleneck: MessageView | None
    routes: tuple[RouteTime, ...]
    failed: tuple[FailedView, ...]
    why_not: MessageView | None


@dataclass(frozen=True, slots=True)
class Anatomy:
    begin: float
    end: float
    requests: int
    span_seconds: float
    shares: Shares | None
    routes: tuple[RouteTime, ...]
    failed: tuple[FailedGroup, ...]
    why_not: Message | None


KEPT: Computed[Anatomy] = Computed(KEPT_SECONDS)


def read_anatomy(call: Call, query: AnatomyQuery, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    begin, end = span(call, query.begin, query.end)
    begin = max(begin, end - MOST_SECONDS)
    rounded = (round(begin / ROUNDED_SECONDS), round(end / ROUNDED_SECONDS))
    found = KEPT.of((id(call.system), plugin_id, rounded), lambda: _look(call, plugin_id, begin, end))
    return Answer(_view(found, call.lang))


def _look(call: Call, plugin_id: str, begin: float, end: float) -> Anatomy:
    recorded = Recorded(call.system.config)
    with recorded.requests() as past:
        trace = past.requests(plugin_id, begin, end)
    pool = OBSERVED_POOLS.of(call.system, plugin_id)
    cores = pool.cores if pool is not None else 1.0
    shares = shares_of(trace, cores, pool)
    attributes = recorded.attributes(plugin_id) if len(trace) else {}
    return Anatomy(
        begin=begin,
        end=end,
        requests=len(trace),
        span_seconds=observed_seconds(trace),
        shares=shares,
        routes=tuple(routes_of(trace, attributes, cores)) if shares else (),
        failed=tuple(_failed(call, plugin_id, trace, begin, recorded)) if shares else (),
        why_not=None if shares else _why_not(recorded, trace),
    )


def _why_not(recorded: Recorded, trace: RequestTrace) -> Message:
    if not recorded.kept:
        return Message("requests_not_recorded")
    return Message("too_little_data", {"requests": len(trace)}) if len(trace) else Message("no_requests_recorded")


def _failed(call: Call, plugin_id: str, trace: RequestTrace, begin: float, recorded: Recorded) -> list[FailedGroup]:
    plugin, _, _ = known_plugin(call, plugin_id)
    settings = [
        c for c in call.system.state.setting_changes(begin - CHANGES_BEFORE_SECONDS) if c.plugin_id == plugin_id
    ]
    attributes = recorded.attributes(plugin_id)
    return list(failed_groups(plugin, trace, attributes, _groups(call, plugin_id), settings))


def _groups(call: Call, plugin_id: str) -> tuple[ErrorGroup, ...]:
    try:
        return tuple(call.system.errors(plugin_id))
    except OptimizerError:
        return ()


def _view(found: Anatomy, lang: str) -> AnatomyView:
    shares = found.shares
    return AnatomyView(
        begin=iso(found.begin),
        end=iso(found.end),
        requests=found.requests,
        span_seconds=found.span_seconds,
        parts=parts_of(shares) if shares else None,
        mean_queue_seconds=shares.mean_queue_seconds if shares else None,
        p95_seconds=shares.p95_seconds if shares else None,
        load_workers=shares.load if shares else None,
        utilisation_ratio=shares.utilisation if shares else None,
        bottleneck=view_message(Message(f"limited_by_{shares.bottleneck}"), lang) if shares else None,
        routes=found.routes,
        failed=tuple(_view_failed(each, lang) for each in found.failed),
        why_not=view_optional(found.why_not, lang),
    )


def _view_failed(found: FailedGroup, lang: str) -> FailedView:
    group = found.group
    return FailedView(
        fingerprint=found.fingerprint,
        exception=group.exception if group else None,
        message=group.message if group else None,
        frames=group.frames if group else (),
        first_seen=iso(group.first_seen) if group else None,
        last_seen=iso(group.last_seen) if group else None,
        requests=found.requests,
        of_failed_ratio=found.of_failed_ratio,
        of_all_ratio=found.of_all_ratio,
        since=iso(found.since),
        causes=tuple(view_message(message, lang) for message in found.causes),
    )


ROUTES = (
    Route(
        "GET",
        "/plugins/<plugin_id>/anatomy",
        Role.VIEWER,
        read_anatomy,
        "Read where requests spend their time and why some fail",
        AnatomyView,
        AnatomyQuery,
    ),
)
