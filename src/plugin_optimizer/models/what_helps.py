"""What helps where more workers do not: a limit, a cache, the code, another topology."""

from collections.abc import Sequence

from ..domain import Message, PluginView, Pool
from .shares import UTILISATION_LIMIT, Bottleneck, Shares
from .topology import ASYNC_KINDS

BOUNDS = {
    "at_bound": Message("try_more_allowed"),
    "memory_bound": Message("try_memory"),
    "connections_bound": Message("try_connections"),
}


def full_of_work(shares: Shares, pool: Pool | None) -> bool:
    """Tell whether the slots there are can keep all cores computing: requests then wait for a worker, but for want of a core.

    Slots · CPU / wall >= 85 % of the cores. Not among threads, to whom another process brings another core.
    """
    if pool is None or pool.threads > 1 or shares.queue >= 1.0:
        return False
    return pool.workers * shares.cpu / (1.0 - shares.queue) >= UTILISATION_LIMIT * pool.cores


def what_helps(view: PluginView, bottleneck: Bottleneck, stuck: Message | None) -> Sequence[Message]:
    """Return what to try, first what is closest to the cause; empty where nothing general can be said.

    `stuck` is why more workers are out of reach, None where they are not.

    | requests wait for            | try                                                          |
    |------------------------------|--------------------------------------------------------------|
    | the CPU, under a quota       | a higher limit, a cache, faster code                         |
    | the CPU                      | more cores or fewer neighbours, a cache, faster code         |
    | their own computing          | faster code, a cache                                         |
    | each other                   | more connections, shorter locks, a cache of its answers      |
    | something else               | a cache of its answers, a time limit, another dependency     |
    | a worker, at a bound         | what bounds: the policy, memory, connections                 |
    | a worker, threads, reuse_port| another topology                                             |
    """
    pool = view.pool
    if stuck is not None:
        return (*((BOUNDS[stuck.code],) if stuck.code in BOUNDS else ()), *_topology(pool))
    if bottleneck is Bottleneck.CPU:
        return (_more_cpu(pool), Message("try_cache"), Message("try_code"))
    if bottleneck is Bottleneck.COMPUTE:
        return (Message("try_code"), Message("try_cache"))
    if bottleneck is Bottleneck.CONTENTION:
        return (Message("try_sharing_less"), Message("try_cached_answers"))
    if bottleneck is Bottleneck.DEPENDENCY:
        return (Message("try_cached_answers"), Message("try_dependency"))
    return ()


def _more_cpu(pool: Pool | None) -> Message:
    if pool is None or pool.quota is None:
        return Message("try_cores", {"cores": pool.cores if pool else None})
    return Message("try_quota", {"cores": pool.quota.cpu_seconds / pool.quota.period_seconds})


def _topology(pool: Pool | None) -> Sequence[Message]:
    if pool is None or pool.kind in ASYNC_KINDS:
        return ()
    if pool.threads > 1 or pool.kind == "gthread":
        return (Message("try_one_process", {"threads": pool.workers * pool.threads}),)
    return (Message("try_one_queue"),) if pool.reuse_port else ()
