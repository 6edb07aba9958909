"""Requests that compete for the connections of a database behind their workers."""

from collections.abc import Sequence

import numpy as np
from backoffice import poisson

from plugin_optimizer.domain import RequestTrace

SERVICE_SECONDS = 0.14


def crowd(seed: int, connections: int, workers: int = 4, rate: float = 20.0, seconds: float = 75.0) -> RequestTrace:
    """The requests of one service, on so many connections."""
    return crowds(seed, connections, [(workers, rate)], seconds)[0]


def crowds(
    seed: int, connections: int, services: Sequence[tuple[int, float]], seconds: float, steady: bool = False
) -> list[RequestTrace]:
    """Requests of 0.14 s (exponential, or `steady`) of services of (workers, requests a second) that share so many connections.

    Whoever asks next after one came free has it: workers poll every 2 ms, as those of a real pool wait on a condition, and the
    newest may be luckier than the first.
    """
    rng = np.random.default_rng(seed)
    comings = [poisson(rng, rate, seconds) for _, rate in services]
    arrival = np.concatenate(comings)
    of = np.repeat(np.arange(len(services)), [len(each) for each in comings])
    most = int(sum(rate for _, rate in services) * seconds * 2)
    wanted = iter(np.full(most, SERVICE_SECONDS) if steady else rng.exponential(SERVICE_SECONDS, most))
    begin, end = np.full(len(arrival), np.nan), np.full(len(arrival), np.nan)
    queues: list[list[int]] = [[] for _ in services]
    inside: dict[int, float] = {}  # request: when it ends, inf while it has no connection
    order = np.argsort(arrival, kind="stable").tolist()
    while order or inside:
        comes = arrival[order[0]] if order else np.inf
        leaves = min(inside.values(), default=np.inf)
        at = min(comes, leaves)
        if comes <= leaves:
            new = order.pop(0)
            queues[of[new]].append(new)
        else:
            left = next(request for request, until in inside.items() if until == leaves)
            end[left] = at
            del inside[left]
        for number, queue in enumerate(queues):
            while queue and sum(of[request] == number for request in inside) < services[number][0]:
                begin[queue[0]] = at
                inside[queue.pop(0)] = np.inf
        waiting = [request for request, until in inside.items() if until == np.inf]
        while waiting and len(inside) - len(waiting) < connections:
            lucky = waiting.pop(int(rng.integers(len(waiting))))
            inside[lucky] = at + next(wanted)
    return [_trace(arrival[of == n], begin[of == n], end[of == n]) for n in range(len(services))]


def _trace(
    arrival: np.ndarray[tuple[int], np.dtype[np.float64]],
    begin: np.ndarray[tuple[int], np.dtype[np.float64]],
    end: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> RequestTrace:
    none, zero = np.zeros(len(arrival), dtype=np.int64), np.zeros(len(arrival))
    hardly = np.full(len(arrival), 1e-4)  # what asking a database takes of the CPU
    return RequestTrace(arrival, begin - arrival, end - begin, hardly, zero, none + 200, none, none, none)
