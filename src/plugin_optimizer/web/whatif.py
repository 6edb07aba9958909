"""The curves of a plugin: what another number of workers and another size of its caches would give."""

from collections.abc import Iterator

import msgspec

from ..domain import Message, Suggestion, SuggestionState, Value
from ..models.cache_curve import CachePoint, cache_curve, enough_entries
from ..models.cachesize import CacheStudy, study_caches
from ..models.pool_case import PoolCase, pool_case
from ..models.task_queue import is_task_queue
from ..models.worker_curve import WorkerPoint, least_that_keeps, worker_curve
from .cache_server_curve import CacheServerCurve, cache_server_curve
from .computed import breathe
from .recorded import Recorded
from .route import Call
from .sight import Sight, sight_of

LEAST_SECONDS, LEAST_REQUESTS = 60.0, 300  # what the planner asks for
STRESS = 1.1  # times the load to plan for, as the planner checks it
SEED = 7  # of the luck in splits and resampling: the same question gets the same answer


class WorkerCurve(msgspec.Struct, frozen=True, kw_only=True):
    """p95 and mean in seconds by number of workers. `enough`: the smallest that keeps the SLO at `planned_load_ratio` times the recorded load."""

    knob: str
    present: int
    suggested: int | None
    enough: int | None
    most: int
    slo_seconds: float
    planned_load_ratio: float
    points: tuple[WorkerPoint, ...]
    requests: int
    span_seconds: float
    error_ratio: float


class CacheCurve(msgspec.Struct, frozen=True, kw_only=True):
    """Hit ratio by size. `enough`: the smallest size within one point of the best that the bounds allow."""

    cache: str
    knob: str | None
    present: int
    suggested: int | None
    enough: int
    observed_hit_ratio: float | None
    model_hit_ratio: float
    distinct_keys: int
    accesses: int
    processes: int
    entry_bytes: float | None
    points: tuple[CachePoint, ...]


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """Where there is no curve, `*_why_not` says why; of a plugin that is no cache server nothing is said. `at` is when it was computed (Unix seconds)."""

    at: float
    workers: WorkerCurve | None
    workers_why_not: Message | None
    caches: tuple[CacheCurve, ...]
    caches_why_not: Message | None
    cache_server: CacheServerCurve | None
    cache_server_why_not: Message | None


def compute_curves(call: Call, plugin_id: str) -> Curves:
    """Return what can be computed as of now; up to a second of computing. Raises NotFound."""
    sight = sight_of(call, plugin_id)
    suggested = _suggested(call, plugin_id)
    workers = _workers(sight, suggested, Recorded(call.system.config).kept)
    caches = tuple(_caches(sight, suggested))
    elsewhere = not (call.system.runner.active or call.system.config.agent.separate)
    server = cache_server_curve(sight, suggested, keys_elsewhere=elsewhere)
    return Curves(
        at=call.now,
        workers=None if isinstance(workers, Message) else workers,
        workers_why_not=workers if isinstance(workers, Message) else None,
        caches=caches,
        caches_why_not=None if caches else Message("no_cache_recorded" if sight.view.caches else "no_cache"),
        cache_server=None if isinstance(server, Message) else server,
        cache_server_why_not=server if isinstance(server, Message) else None,
    )


def _suggested(call: Call, plugin_id: str) -> dict[str, Value]:
    """Return what open suggestions want each knob to be."""
    found: list[Suggestion] = [*call.system.state.suggestions(plugin_id, SuggestionState.OPEN)]
    return {s.proposal.change.knob: s.proposal.change.after for s in found if s.proposal.change is not None}


def _workers(sight: Sight, suggested: dict[str, Value], kept: bool) -> WorkerCurve | Message:
    if not kept:
        return Message("requests_not_recorded")
    if is_task_queue(sight.view, sight.window):
        return Message("planned_as_queue")
    case = pool_case(sight.view, sight.window, sight.fleet, LEAST_SECONDS, LEAST_REQUESTS)
    if isinstance(case, Message):
        return case
    replay = case.fitted(SEED)
    if not replay.queue_known:
        return Message("queue_unknown")
    if not replay.plannable:
        return Message("model_not_valid", {"error_ratio": replay.error})
    load = STRESS * case.headroom
    points = []
    for point in worker_curve(case, replay, load):
        points.append(point)
        breathe()
    return WorkerCurve(
        knob=case.knob.name,
        present=case.workers,
        suggested=_whole(suggested.get(case.knob.name)),
        enough=least_that_keeps(points, _slo(case)),
        most=max(case.workers, case.bound(0.85).workers),
        slo_seconds=_slo(case),
        planned_load_ratio=load,
        points=tuple(points),
        requests=len(replay.trace),
        span_seconds=case.span_seconds,
        error_ratio=replay.error,
    )


def _slo(case: PoolCase) -> float:
    return case.view.policy.response_time_seconds


def _caches(sight: Sight, suggested: dict[str, Value]) -> Iterator[CacheCurve]:
    for study in study_caches(sight.view):
        breathe()
        if study.curve.accesses:
            yield _cache(study, suggested)


def _cache(study: CacheStudy, suggested: dict[str, Value]) -> CacheCurve:
    wanted = _whole(suggested.get(study.knob.name)) if study.knob else None
    enough = enough_entries(study)
    also = {size for size in (wanted, enough) if size is not None}
    known = study.observed_hit_ratio == study.observed_hit_ratio
    return CacheCurve(
        cache=study.name,
        knob=study.knob.name if study.knob else None,
        present=study.capacity,
        suggested=wanted,
        enough=enough,
        observed_hit_ratio=study.observed_hit_ratio if known else None,
        model_hit_ratio=study.expected_hit_ratio(study.capacity),
        distinct_keys=study.curve.distinct,
        accesses=study.curve.accesses,
        processes=study.processes,
        entry_bytes=study.entry_bytes if study.entry_bytes == study.entry_bytes else None,
        points=tuple(cache_curve(study, also)),
    )


def _whole(value: Value | None) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
