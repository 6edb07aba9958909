"""Queues as textbooks simulate them, for comparison: an event list, counting down, and SimPy's first example.

Source of the first two: Law, Simulation Modeling and Analysis, chapters 1.4 (next-event time advance) and 2.5
(a time-shared computer); of the third: SimPy's documentation, "Shared Resources".
"""

from collections import deque
from heapq import heappop, heappush
from math import inf


def event_list(arrival: list[float], service: list[float], slots: int) -> list[float]:
    """Return the sojourn of each request behind one queue: every arrival and every departure is an event."""
    events = [(at, 0, index) for index, at in enumerate(arrival)]  # sorted, hence a heap
    line: deque[int] = deque()
    sojourn, free = [0.0] * len(arrival), slots
    while events:
        now, departs, request = heappop(events)
        if departs:
            sojourn[request] = now - arrival[request]
            free += 1
        else:
            line.append(request)
        if free and line:
            begins = line.popleft()
            free -= 1
            heappush(events, (now + service[begins], 1, begins))
    return sojourn


def processor_sharing(
    arrival: list[float], cpu: list[float], off_cpu: list[float], slots: int, cores: float
) -> list[float]:
    """Return the sojourn of each request: half its CPU, I/O, the other half, by counting down what is left of each."""
    line = deque(enumerate(arrival))
    computing: dict[int, float] = {}
    waiting: dict[int, float] = {}
    second: set[int] = set()
    sojourn, now = [0.0] * len(arrival), 0.0
    while line or computing or waiting:
        speed = min(1.0, cores / len(computing)) if computing else 1.0
        free = len(computing) + len(waiting) < slots
        arrives = max(0.0, line[0][1] - now) if line and free else inf
        step = min(arrives, min(computing.values(), default=inf) / speed, min(waiting.values(), default=inf))
        now += step
        if step == arrives:
            request, _ = line.popleft()
            computing[request] = cpu[request] / 2 + step * speed
        computing = {request: left - step * speed for request, left in computing.items()}
        waiting = {request: left - step for request, left in waiting.items()}
        for request in [request for request, left in computing.items() if left <= 1e-12]:
            del computing[request]
            if request in second:
                sojourn[request] = now - arrival[request]
            else:
                waiting[request] = off_cpu[request]
        for request in [request for request, left in waiting.items() if left <= 1e-12]:
            del waiting[request]
            second.add(request)
            computing[request] = cpu[request] / 2
    return sojourn


def simpy_resource(arrival: list[float], service: list[float], slots: int) -> list[float]:
    """Return the sojourn of each request by SimPy, where it is installed."""
    import simpy  # type: ignore[import-not-found]

    environment = simpy.Environment()
    resource = simpy.Resource(environment, capacity=slots)
    sojourn = [0.0] * len(arrival)

    def request(index: int):  # type: ignore[no-untyped-def]
        yield environment.timeout(arrival[index])
        with resource.request() as slot:
            yield slot
            yield environment.timeout(service[index])
        sojourn[index] = environment.now - arrival[index]

    for index in range(len(arrival)):
        environment.process(request(index))
    environment.run()
    return sojourn
