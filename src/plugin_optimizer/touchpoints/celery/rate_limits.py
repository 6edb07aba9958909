"""How often tasks of a kind may begin in a worker: sensed and turned while it runs. And why other limits of tasks are not.

The names of the knobs end with the task's: `rate_limit.shop.mail`, in tasks a minute; 0 means that there is none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...domain import Knob, NotFound
from .control import WorkerControl, WorkerStats

RATE, PREFETCH = "rate_limit", "prefetch_multiplier"  # as Celery calls them
TIMES = ("time_limit", "soft_time_limit")
MOST_PER_MINUTE = 60_000.0
MOST_TASKS = 20  # of a worker that knows more, those that have a limit and those that it began most often
PER_MINUTE: Mapping[str, float] = {"s": 60.0, "m": 1.0, "h": 1.0 / 60.0}
_TASK = re.compile(r"(?P<name>[\w.:-]+)(?: \[rate_limit=(?P<rate>[^ \]]+)\])?")
# Seen with Celery 5.7: the limits that count are those of the moment in which the consumer began (celery.worker.request,
# create_request_cls); the order changes what the worker tells of itself, and a task of 8 s outlives a limit of 3.
NO_TIMES = (
    "a running worker takes the order and tells the new limit, but goes on with the one that it began with; set it in "
    "the task (time_limit=) or by --time-limit, and start the worker anew"
)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many tasks of one kind may begin in a minute, 0 for any number; `begun` counts them since the worker's start."""

    task: str
    per_minute: float = 0.0
    begun: int = 0

    @property
    def knob(self) -> Knob:
        """Return it as a knob that nobody tries: what it protects (another service) shows in no figure of this worker."""
        return Knob(
            name=f"{RATE}.{self.task}",
            value=int(self.per_minute) if self.per_minute.is_integer() else self.per_minute,
            minimum=0,
            maximum=max(MOST_PER_MINUTE, self.per_minute),
            unit="tasks/min",
            persistent=False,
            kind="setting",
        )


@dataclass(slots=True)
class RateLimits:
    """Asks and orders. Remembers of each life of a worker (its `incarnation`) whether it minds rate limits at all."""

    ignored: dict[str, bool] = field(default_factory=dict)

    def knobs(self, control: WorkerControl, life: str, stats: WorkerStats) -> list[Knob]:
        """Return the rate limits of its tasks; none where it minds none. Raises Unobservable."""
        if self._ignored(control, life):
            return []
        return [limit.knob for limit in offered(limits_of(control.registered(), stats.begun))]

    def not_offered(self, control: WorkerControl, life: str, stats: WorkerStats) -> Mapping[str, str]:
        """Return why other limits of tasks, and prefetching, are not among the knobs. Raises Unobservable."""
        prefetch = (
            f"no order changes it while the worker runs (it may hold {stats.prefetched} tasks now, which follows the "
            "number of processes); start it with another --prefetch-multiplier"
        )
        reasons = {PREFETCH: prefetch, **dict.fromkeys(TIMES, NO_TIMES)}
        if self._ignored(control, life):
            reasons[RATE] = "the worker minds no rate limits (worker_disable_rate_limits)"
        return reasons

    def turn(self, control: WorkerControl, knob: str, to: float) -> None:
        """Order the limit that a knob is; nothing where it is so already. Raises NotFound, Unobservable (look)."""
        for limit in limits_of(control.registered(), {}):
            if limit.knob.name == knob:
                if limit.per_minute != to:
                    control.limit_rate(limit.task, to)
                return
        raise NotFound(f"the worker knows no task that has {knob!r}")

    def _ignored(self, control: WorkerControl, life: str) -> bool:
        if life not in self.ignored:
            self.ignored[life] = control.ignores_rate_limits()
        return self.ignored[life]


def limits_of(told: Sequence[str], begun: Mapping[str, int]) -> list[RateLimit]:
    """Read a worker's answer to `registered`; tasks whose rate is not understood are left out.

    | told                         | is           |
    |------------------------------|--------------|
    | shop.mail                    | no limit     |
    | shop.mail [rate_limit=10/s]  | 600 a minute |
    """
    found = []
    for line in told:
        match = _TASK.fullmatch(line)
        if match is None:
            continue
        try:
            rate = per_minute_of(match["rate"] or "")
        except ValueError:
            continue
        found.append(RateLimit(match["name"], rate, begun.get(match["name"], 0)))
    return found


def per_minute_of(rate: str) -> float:
    """Return how many tasks a minute a rate allows, as `celery.utils.time.rate` reads it; 0 for none. Raises ValueError."""
    number, _, period = rate.partition("/")
    if not number:
        return 0.0
    if (period or "s") not in PER_MINUTE:
        raise ValueError(f"a rate ends with /s, /m or /h, not {period!r}")
    return float(number) * PER_MINUTE[period or "s"]


def offered(limits: Sequence[RateLimit]) -> list[RateLimit]:
    """Return those that become knobs: all, or of many those that have a limit and those begun most often."""
    if len(limits) <= MOST_TASKS:
        return list(limits)
    wanted = sorted(limits, key=lambda one: (not one.per_minute, -one.begun))
    return sorted(wanted[:MOST_TASKS], key=lambda one: one.task)
