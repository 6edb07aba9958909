"""Speaking to one Celery worker over its broker: questions and orders to that node alone.

A broadcast without `limit` waits for its whole time-out however soon the answer came, which spoils every rate computed
from it; each one here asks for a single answer. What a worker answers to an order is never believed: look at its
processes.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from ...domain import Refused, Unobservable

ANSWER_SECONDS = 3.0
CONNECT_SECONDS = 2.0
PREFORK_POOL = "celery.concurrency.prefork:TaskPool"


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """What a worker says of itself. `pids` are its pool processes as it numbers them; `accepted` counts the tasks its
    processes began since it started, `begun` those of each kind; `autoscale` is (most, fewest) where an autoscaler owns the
    pool, and `prefetched` how many tasks it fetches before it has begun one.
    """

    pid: int
    uptime_seconds: float
    implementation: str
    pids: frozenset[int]
    accepted: int
    autoscale: tuple[int, int] | None
    begun: Mapping[str, int] = field(default_factory=dict)
    prefetched: int = 0

    @property
    def prefork(self) -> bool:
        return self.implementation == PREFORK_POOL

    @property
    def pool_name(self) -> str:
        """Return the module of its pool: prefork, solo, thread, gevent."""
        return self.implementation.partition(":")[0].rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Held:
    """Tasks that a worker holds: handed to a process and begun, and fetched from the broker but not begun."""

    active: int
    reserved: int


@dataclass(frozen=True, slots=True)
class WorkerControl:
    """One worker, `node`, at the broker `url`. All methods raise Unobservable where no answer came: after an order it may
    have happened all the same.
    """

    url: str
    node: str

    def stats(self) -> WorkerStats:
        told = self._ask("stats")
        with _failures(self.node):
            return _stats_of(told)

    def held(self) -> Held:
        """Return how many tasks it holds; a task that begins between the two questions counts as begun."""
        reserved = len(self._ask("reserved"))
        return Held(len(self._ask("active")), reserved)

    def due_seconds(self) -> float:
        """Return in how many seconds the next task with a countdown or a time of its own is due; inf where there is none."""
        etas = [datetime.fromisoformat(task["eta"]) for task in self._ask("scheduled") if task.get("eta")]
        now = time.time()
        return min((eta.timestamp() - now for eta in etas), default=float("inf"))

    def queues(self) -> tuple[str, ...]:
        """Return the queues it fetches tasks from now; empty while it fetches none."""
        return tuple(str(queue["name"]) for queue in self._ask("active_queues"))

    def registered(self) -> tuple[str, ...]:
        """Return the tasks it knows, Celery's own left out, each with its rate limit where it has one (`celery.worker.control`)."""
        return tuple(str(line) for line in self._ask("registered", taskinfoitems=["rate_limit"]))

    def ignores_rate_limits(self) -> bool:
        settings = self._ask("conf")
        return any(bool(settings.get(name)) for name in ("worker_disable_rate_limits", "CELERY_DISABLE_RATE_LIMITS"))

    def limit_rate(self, task: str, per_minute: float) -> None:
        self._order("rate_limit", task_name=task, rate_limit=f"{per_minute:.12g}/m" if per_minute else 0)

    def grow(self, processes: int) -> None:
        self._order("pool_grow", n=processes)

    def shrink(self, processes: int) -> None:
        self._order("pool_shrink", n=processes)

    def autoscale(self, most: int, fewest: int) -> None:
        self._order("autoscale", max=most, min=fewest)

    def cancel_consumer(self, queue: str) -> None:
        self._order("cancel_consumer", queue=queue)

    def add_consumer(self, queue: str) -> None:
        self._order("add_consumer", queue=queue)

    def _order(self, command: str, **arguments: Any) -> None:
        answer = self._ask(command, **arguments)
        if isinstance(answer, Mapping) and "error" in answer:
            raise Unobservable(f"{self.node} answered {command} with {answer['error']!r}; some of it may have happened")

    def _ask(self, command: str, **arguments: Any) -> Any:
        app = _app(self.url)
        with _failures(self.node), app.connection_for_write(connect_timeout=CONNECT_SECONDS) as connection:
            answers = app.control.broadcast(
                command,
                arguments=arguments,
                destination=[self.node],
                connection=connection,
                reply=True,
                limit=1,
                timeout=ANSWER_SECONDS,
            )
        if not answers:
            raise Unobservable(f"{self.node} gave no answer to {command} within {ANSWER_SECONDS:g} s")
        return answers[0][self.node]


def _stats_of(told: Mapping[str, Any]) -> WorkerStats:
    pool = told.get("pool") or {}
    scaler = told.get("autoscaler")
    begun = {str(task): int(count) for task, count in (told.get("total") or {}).items()}
    return WorkerStats(
        pid=int(told["pid"]),
        uptime_seconds=float(told.get("uptime", 0)),
        implementation=str(pool.get("implementation", "")),
        pids=frozenset(int(pid) for pid in pool.get("processes") or ()),
        accepted=sum(begun.values()),
        autoscale=(int(scaler["max"]), int(scaler["min"])) if scaler else None,
        begun=begun,
        prefetched=int(told.get("prefetch_count") or 0),
    )


@contextmanager
def _failures(node: str) -> Iterator[None]:
    from kombu.exceptions import KombuError
    from redis.exceptions import RedisError

    try:
        yield
    except (OSError, KombuError, RedisError) as error:
        raise Unobservable(f"{node} cannot be asked: {error}") from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unobservable(f"{node} gave an answer of another form than expected: {error!r}") from error


@lru_cache(maxsize=64)
def _app(url: str) -> Any:
    """Return a Celery that speaks to a broker and is nobody's default. Raises Refused where the package is not there."""
    try:
        from celery import Celery
    except ImportError as error:
        raise Refused("speaking to Celery needs the package: pip install 'plugin-optimizer[celery]'") from error
    return Celery("plugin-optimizer", broker=url, set_as_current=False, changes={"broker_connection_retry": False})
