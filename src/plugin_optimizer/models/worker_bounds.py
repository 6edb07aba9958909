"""What bounds the number of workers from above, and what would have to change for more of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite

from ..domain import Knob, Message, PluginView, Pool
from .pace import most_workers

MEMORY_SHARE = 0.85  # of the limit: never planned beyond
CONNECTION_SHARE = 0.8  # of what the database allows: somebody else connects, too


@dataclass(frozen=True, slots=True)
class Held:
    """What the workers hold now, in bytes (PSS), all processes together and each worker; NaN where unknown."""

    workers: int
    memory_bytes: float
    worker_memory_bytes: float
    memory_limit_bytes: float


@dataclass(frozen=True, slots=True)
class Bound:
    """The most workers that one limit allows, and how to say so."""

    workers: int
    reason: Message


def upper_bound(view: PluginView, knob: Knob, pool: Pool, held: Held, memory_share: float = MEMORY_SHARE) -> Bound:
    """Return the limit that is reached first.

    | limit                    | most workers                                                              |
    |--------------------------|---------------------------------------------------------------------------|
    | the policy, the rails    | `max_workers`; without one sync workers end at 4 × cores + 1              |
    | the knob                 | its maximum                                                               |
    | memory                   | what fits below 85 % of the limit, at the PSS of a worker of today        |
    | database connections     | 80 % of the policy's `max_connections` / connections of a worker          |

    A limit that is not known does not bound, and none takes away workers that run. Source: facts on workers, section 7.
    """
    count = most_workers(view.policy, pool.kind, pool.cores)
    if knob.maximum is not None:
        count = min(count, floor(knob.maximum))
    bounds = [
        Bound(count, Message("at_bound", {"workers": held.workers, "most_workers": count})),
        *_memory(held, memory_share),
        *_connections(view, held),
    ]
    return min(bounds, key=lambda bound: bound.workers)


def _memory(held: Held, share: float) -> Sequence[Bound]:
    left = share * held.memory_limit_bytes - held.memory_bytes
    if not isfinite(left) or not held.worker_memory_bytes > 0:
        return ()
    most = held.workers + max(0, floor(left / held.worker_memory_bytes))
    figures = {"memory_bytes": held.memory_bytes, "limit_bytes": held.memory_limit_bytes}
    counts = {"workers": held.workers, "most_workers": most, "worker_bytes": held.worker_memory_bytes}
    return (Bound(most, Message("memory_bound", {**counts, **figures})),)


def _connections(view: PluginView, held: Held) -> Sequence[Bound]:
    each, allowed = connections_per_worker(view), view.policy.max_connections
    if allowed is None or each is None:
        return ()
    most = max(held.workers, floor(CONNECTION_SHARE * allowed / each))
    counts = {"workers": held.workers, "most_workers": most}
    return (Bound(most, Message("connections_bound", {**counts, "each": each, "most_connections": allowed})),)


def connections_per_worker(view: PluginView) -> int | None:
    """Return how many database connections one worker may open: its pool and the overflow of that; None where unknown.

    The sum of the knobs of kind `connections` (each worker has its own pool), else the policy's word.
    """
    knobs = [knob.value for knob in view.knobs if knob.kind == "connections"]
    counted = sum(int(value) for value in knobs if not isinstance(value, str | bool))
    each = counted or view.policy.connections_per_worker
    return each if each is not None and each > 0 else None
