"""How a pool's slots stand behind queues, and how many cores they can use at once.

| pool                              | queues            | cores                       | described by the replay         |
|-----------------------------------|-------------------|-----------------------------|---------------------------------|
| sync workers                      | one               | all                         | yes                             |
| one process with threads          | one               | one: its interpreter's lock | yes                             |
| several processes with threads    | one each, eagerly | one each                    | for a plan, not for a judgement |
| `reuse_port`                      | one each          | all                         | yes, on average                 |
| event loops (asgi, gevent…)       | –                 | –                           | no                              |

Which process gets a request is chance (`threaded_processes`): what a change did to these very requests cannot be told apart from
other luck of the cards, what counts do in the long run can.

Source: measurements of gunicorn, facts on workers, sections 4.3 and 10.
"""

from ..domain import Pool

THREADED = "gthread"
ASYNC_KINDS = frozenset({"uvicorn", "gevent", "eventlet", "tornado", "asgi"})


def models_topology(pool: Pool) -> bool:
    """Say whether slots behind one queue (or one each) describe what became of each request.

    Not so for several processes with threads, which accept while their threads are busy, nor for event loops.
    """
    if pool.kind == THREADED:
        return pool.workers == 1 and pool.threads > 1
    return pool.kind not in ASYNC_KINDS


def plans_topology(pool: Pool) -> bool:
    """Say whether a count of workers can be computed for the pool: also for several processes with threads."""
    return models_topology(pool) or pool.kind == THREADED


def queue_per_process(pool: Pool, workers: int) -> bool:
    """Say whether `workers` processes of such a pool would each have a queue of their own."""
    return workers > 1 and (pool.reuse_port or pool.threads > 1 or pool.kind == THREADED)


def usable_cores(pool: Pool, workers: int) -> float:
    """Return on how many cores the requests inside `workers` processes of such a pool can compute at once.

    A quota is a budget beside them, not fewer of them.
    """
    cores = pool.cores if pool.quota is None else pool.quota.cores
    return min(cores, float(workers)) if pool.threads > 1 else cores
