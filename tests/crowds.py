"""Requests that compete for the connections of a database behind their workers."""

import numpy as np
from backoffice import poisson

from plugin_optimizer.domain import RequestTrace


def crowd(seed: int, connections: int, workers: int = 4, rate: float = 20.0, seconds: float = 75.0) -> RequestTrace:
    """Requests of 0.14 s (exponential) on one of so many connections, whoever asks next after one came free.

    Workers poll every 2 ms for one, as those of a real pool wait on a condition: the newest may be luckier than the first.
    """
    rng = np.random.default_rng(seed)
    arrival, wanted = poisson(rng, rate, seconds), iter(rng.exponential(0.14, int(rate * seconds * 2)))
    begin, end, queue = np.full(len(arrival), np.nan), np.full(len(arrival), np.nan), []
    inside: dict[int, float] = {}  # request: when it ends, inf while it has no connection
    at, following = 0.0, 0
    while following < len(arrival) or inside:
        comes = arrival[following] if following < len(arrival) else np.inf
        leaves = min(inside.values(), default=np.inf)
        at = min(comes, leaves)
        if comes <= leaves:
            queue.append(following)
            following += 1
        else:
            left = next(request for request, until in inside.items() if until == leaves)
            end[left] = at
            del inside[left]
        while queue and len(inside) < workers:
            begin[queue[0]] = at
            inside[queue.pop(0)] = np.inf
        waiting = [request for request, until in inside.items() if until == np.inf]
        while waiting and len(inside) - len(waiting) < connections:
            lucky = waiting.pop(int(rng.integers(len(waiting))))
            inside[lucky] = at + next(wanted)
    none = np.zeros(len(arrival), dtype=np.int64)
    zero = np.zeros(len(arrival))
    return RequestTrace(arrival, begin - arrival, end - begin, zero, zero, none + 200, none, none, none)
