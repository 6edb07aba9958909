"""What another number of workers and another size of a cache would give, whether or not it is suggested."""

import msgspec

from ..cache_server_curve import CacheServerCurve
from ..computed import Computed
from ..moment import iso
from ..route import Answer, Call, Role, Route
from ..sight import known_plugin
from ..views.message import MessageView, view_optional
from ..whatif import CacheCurve, Curves, WorkerCurve, compute_curves

KEPT_SECONDS = 30.0
KEPT: Computed[Curves] = Computed(KEPT_SECONDS)


class CurvesView(msgspec.Struct, frozen=True, kw_only=True):
    """`kept_seconds`: asked again sooner, the same curves are answered."""

    plugin_id: str
    computed_at: str | None
    kept_seconds: float
    workers: WorkerCurve | None
    workers_why_not: MessageView | None
    caches: tuple[CacheCurve, ...]
    caches_why_not: MessageView | None
    cache_server: CacheServerCurve | None
    cache_server_why_not: MessageView | None


def read_curves(call: Call, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    found = KEPT.of((id(call.system), plugin_id), lambda: compute_curves(call, plugin_id))
    return Answer(
        CurvesView(
            plugin_id=plugin_id,
            computed_at=iso(found.at),
            kept_seconds=KEPT_SECONDS,
            workers=found.workers,
            workers_why_not=view_optional(found.workers_why_not, call.lang),
            caches=found.caches,
            caches_why_not=view_optional(found.caches_why_not, call.lang),
            cache_server=found.cache_server,
            cache_server_why_not=view_optional(found.cache_server_why_not, call.lang),
        )
    )


ROUTES = (
    Route(
        "GET",
        "/plugins/<plugin_id>/curves",
        Role.VIEWER,
        read_curves,
        "Read what other numbers of workers and sizes of caches would give",
        CurvesView,
    ),
)
