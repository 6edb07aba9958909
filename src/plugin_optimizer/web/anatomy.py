"""Where recorded requests spent their time, and what is behind those that failed."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from ..domain import Attributes, ErrorGroup, Message, Plugin, PluginView, Policy, RequestTrace, SettingChange
from ..models.errorcause import error_cause
from ..models.errorevidence import about_change, error_evidence
from ..models.errorgroups import failed, group_counts, group_named
from ..models.shares import Shares, shares_of

MOST_ROUTES, MOST_GROUPS = 8, 10
LEAST_REQUESTS = 2
ROUTE = "route"


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of all time that clients felt: they sum to 1."""

    queue_ratio: float
    cpu_ratio: float
    cpu_wait_ratio: float
    off_cpu_ratio: float


class RouteTime(msgspec.Struct, frozen=True, kw_only=True):
    """`time_ratio`: of the time of all requests; `parts` are of this route's own."""

    route: str
    requests: int
    time_ratio: float
    mean_seconds: float
    p95_seconds: float
    parts: Parts


class FailedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Failed requests of one kind: how many in the stretch, since when, and what explains them."""

    fingerprint: str
    group: ErrorGroup | None
    requests: int
    of_failed_ratio: float
    of_all_ratio: float
    since: float
    causes: tuple[Message, ...]


def parts_of(shares: Shares) -> Parts:
    return Parts(
        queue_ratio=shares.queue,
        cpu_ratio=shares.cpu,
        cpu_wait_ratio=shares.cpu_wait,
        off_cpu_ratio=shares.off_cpu,
    )


def routes_of(trace: RequestTrace, attributes: Mapping[int, Attributes], cores: float) -> Sequence[RouteTime]:
    """Return the routes that took most of the time, first the longest; requests of unknown route are left out."""
    contexts: dict[str, list[int]] = {}
    for context in np.unique(trace.context).tolist():
        name = dict(attributes[context].values).get(ROUTE) if context in attributes else None
        if name:
            contexts.setdefault(name, []).append(context)
    total = float(trace.sojourn.sum())
    found = [
        made
        for name, numbers in contexts.items()
        if (made := _route(name, trace.where(np.isin(trace.context, numbers)), total, cores)) is not None
    ]
    return sorted(found, key=lambda route: -route.time_ratio)[:MOST_ROUTES]


def _route(name: str, own: RequestTrace, total: float, cores: float) -> RouteTime | None:
    shares = shares_of(own, cores)
    if shares is None or total <= 0:
        return None
    return RouteTime(
        route=name,
        requests=len(own),
        time_ratio=float(own.sojourn.sum()) / total,
        mean_seconds=float(own.sojourn.mean()),
        p95_seconds=shares.p95_seconds,
        parts=parts_of(shares),
    )


def failed_groups(
    plugin: Plugin,
    trace: RequestTrace,
    attributes: Mapping[int, Attributes],
    groups: Sequence[ErrorGroup],
    settings: Sequence[SettingChange],
) -> Iterator[FailedGroup]:
    """Yield the kinds of failed requests, the most frequent first, each explained by its own requests."""
    bad = failed(trace)
    all_failed = int(bad.sum())
    view = PluginView(plugin=plugin, policy=Policy(), trace=trace, errors=tuple(groups), attributes=attributes)
    for fingerprint, count in group_counts(trace)[:MOST_GROUPS]:
        only = trace.where(~bad | (trace.error == fingerprint))
        cause = error_cause(view, only, float(trace.end.min()), settings)
        if cause is None:
            continue
        about = about_change(cause.change, cause) if cause.change else Message("no_change_found")
        yield FailedGroup(
            fingerprint=f"{fingerprint % 2**64:016x}",
            group=group_named(groups, fingerprint),
            requests=count,
            of_failed_ratio=count / max(1, all_failed),
            of_all_ratio=count / max(1, len(trace)),
            since=cause.onset,
            causes=(*error_evidence(cause), about),
        )
