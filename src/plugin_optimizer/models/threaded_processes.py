"""Several processes with threads: each takes the requests it gets, and queues them before its own threads.

A process of gunicorn's gthread accepts connections while all its threads are busy (gunicorn issue 3433), so a request is bound to a
process before anybody knows which one could serve it first. Which one that is does not depend on how full they are. Measured on
gunicorn 27, requests of 5 ms of CPU and 100 ms of waiting (exponential): 2 × 2 threads at 20 a second shared 700 requests out as
52 : 48, 3 × 2 threads at 35 a second 1,050 as 37 : 33 : 30, and the fullest process got 372 of these, the emptiest 437. So the
arrivals of a process are the pool's, thinned at random, and each process is a server of its own.

Source: Kleinrock, Queueing Systems I (1975), section 4.5 (a Poisson stream split at random); its threads: `server`.
"""

import numpy as np
from numpy.typing import NDArray

from .dealt import replay_dealt
from .fifo import replay_fifo
from .quota import Budget
from .server import replay_server

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def recorded_homes(pid: I64) -> I64 | None:
    """Return for each request the number (0…) of the process that served it; None where no more than one is known of."""
    known, home = np.unique(pid, return_inverse=True)
    return home.astype(np.int64) if len(known) > 1 else None


def replay_threaded(
    arrival: F64, cpu: F64, off_cpu: F64, home: I64, threads: int, cores: float, *, budget: Budget | None = None
) -> F64:
    """Return the sojourn of each request in the process `home` that got it: [n], seconds.

    Where there is a core for each process, its interpreter's lock is all that its threads share: each is replayed by itself, on
    one core. Else, and under a quota, the processes share the cores as well. Raises InvalidValue as `replay_server` does.
    """
    processes = int(home.max(initial=-1)) + 1
    if budget is not None or cores < processes:
        return replay_dealt(arrival, cpu, off_cpu, home, threads, cores, budget=budget)
    sojourn = np.empty(len(arrival))
    for process in range(processes):
        own = home == process
        sojourn[own] = replay_server(arrival[own], cpu[own], off_cpu[own], threads, min(1.0, cores)).sojourn
    return sojourn


def replay_threaded_fifo(arrival: F64, service: F64, home: I64, threads: int) -> F64:
    """Return the same where CPU is not scarce: a queue and so many slots for each process."""
    sojourn = np.empty(len(arrival))
    for process in np.unique(home):
        own = home == process
        sojourn[own] = replay_fifo(arrival[own], service[own], threads)
    return sojourn
