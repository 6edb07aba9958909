"""Takes processes from a worker's pool without losing or repeating a task; a process of its own.

`pool_shrink` ends processes that have not reported a task. One that was handed a task a moment ago has not either, and
would take it along. So the worker first stops fetching (`cancel_consumer`), then what it has fetched is handed out; as
soon as nothing waits inside, every process with a task has said so, those without are truly idle, and as many of them
as wanted go. Then it fetches again. While tasks wait inside all processes are busy, so the pause costs next to nothing.

The consumer comes back whatever happens: this process outlives the engine that started it, a signal only makes it bring
the consumer back sooner, and what a SIGKILL leaves behind is on record (`celery_pause`) for the engine's next look.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ...domain import OptimizerError, Refused, Unobservable
from ..process_identity import ProcessIdentity, identify
from ..process_tree import check_alive
from .control import WorkerControl
from .pause import PauseFile, fetch_again, pause_of
from .rate_limits import limits_of

# An engine looks for 18 s before it orders again (execute/apply.py): what was ordered has to be over by then.
DRAIN_SECONDS = 12.0
DUE_SECONDS = 2.0  # a task with a time of its own that is due by then could be handed out in the very moment
START_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.05


class Stopped(Exception):
    """Somebody wants this process to end."""


@dataclass(frozen=True, slots=True)
class ShrinkOrder:
    """What a shrinking process is told on its standard input: never on the command line, where a password would be seen.

    `processes` is how many have to go; with `bounds` (most, fewest) an autoscaler owns the pool, which ends them when it is
    given those, all of them at once. `own_number` is the pid by which the worker knows itself.
    """

    url: str
    node: str
    home: str
    pid: int
    start_ticks: int
    own_number: int
    processes: int
    bounds: tuple[int, int] | None = None
    seconds: float = DRAIN_SECONDS


def start_shrinking(order: ShrinkOrder) -> None:
    """Start a process that carries out the order, and return once it has taken it. Raises Refused."""
    paths = os.pathsep.join(path for path in sys.path if path)
    child = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,  # a Ctrl-C for the engine is none for it
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:
        child.stdin.write(json.dumps(asdict(order)).encode())
        child.stdin.close()
        taken = child.stdout.readline().strip()
    if taken != b"taken":
        child.wait()
        raise Refused(taken.decode(errors="replace") or "the process that was to shrink the pool did not start")
    _unattended.append(child)


_unattended: list["subprocess.Popen[bytes]"] = []


def collect_ended() -> None:
    """Let the shrinking processes that ended go from the process table."""
    _unattended[:] = [child for child in _unattended if child.poll() is None]


def main() -> None:
    """Carry out the order on standard input; say `taken`, or why not, before the worker is touched."""
    order = ShrinkOrder(**json.load(sys.stdin))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    control, file = WorkerControl(order.url, order.node), PauseFile(Path(order.home), order.node)
    try:
        worker = identify(order.pid)
        if worker.start_ticks != order.start_ticks or control.stats().pid != order.own_number:
            raise Refused(f"{order.node} is not process {order.pid} any more")
        _check_no_rate_limit(control)
        pause = pause_of(control, worker, control.queues())
        file.write(pause)
    except (OptimizerError, OSError, Stopped) as error:
        sys.stdout.write(str(error).replace("\n", " ") or "stopped")
        return
    sys.stdout.write("taken\n")
    sys.stdout.flush()
    why = ""
    try:
        for queue in pause.queues:
            control.cancel_consumer(queue)
        why = _drain_and_shrink(control, worker, order)
    except (Unobservable, Stopped) as error:
        why = str(error) or "it was stopped"
    finally:
        _ignore_signals()
        if fetch_again(control, pause):
            file.clear() if not why else file.write(replace(pause, gave_up=why, at=time.time()))


def _check_no_rate_limit(control: WorkerControl) -> None:
    """Raise Refused where tasks have a rate limit: the worker holds back what is beyond it and tells nobody, and such a task
    could be handed to a process in the very moment in which that is taken away.
    """
    limited = [one.task for one in limits_of(control.registered(), {}) if one.per_minute]
    if limited:
        raise Refused(
            f"tasks may be held back by the rate limit of {', '.join(limited)}; lift it (0) to remove processes"
        )


def _drain_and_shrink(control: WorkerControl, worker: ProcessIdentity, order: ShrinkOrder) -> str:
    """Return why nothing was taken away, empty once something was. Raises Gone, Unobservable."""
    deadline, why = time.monotonic() + order.seconds, "the worker could not be looked at"
    while time.monotonic() < deadline:
        check_alive(worker)
        ready = 0
        with suppress(Unobservable):
            ready, why = _idle(control)
        if ready >= (order.processes if order.bounds else 1):
            _take_away(control, order, ready)  # once: an answer that did not come says nothing
            return ""
        time.sleep(LOOK_AGAIN_SECONDS)
    return f"{why}; nothing was taken away within {order.seconds:g} s"


def _take_away(control: WorkerControl, order: ShrinkOrder, ready: int) -> None:
    if order.bounds is None:
        control.shrink(min(order.processes, ready))
    else:
        control.autoscale(*order.bounds)


def _idle(control: WorkerControl) -> tuple[int, str]:
    """Return how many processes may go now, or 0 and why none may. One always stays. Raises Unobservable."""
    if control.queues():
        return 0, "it still fetches tasks"
    held = control.held()
    if held.reserved:
        return 0, f"{held.reserved} tasks are fetched and not begun"
    if control.due_seconds() < DUE_SECONDS:
        return 0, "a task with a time of its own is about to begin"
    live = len(control.stats().pids)
    return max(0, min(live - held.active, live - 1)), f"all {live} processes are busy"


def _stop(number: int, _frame: object) -> None:
    raise Stopped(f"it was stopped by {signal.Signals(number).name}")


def _ignore_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
