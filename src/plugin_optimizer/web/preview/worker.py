"""The process that computes a preview: bounded in time and memory, yielding to everything else, and able to stop."""

import errno
import os
import resource
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from ...catalog import detectors, planners
from ...config import Config
from ...domain import NotFound, Policies
from ...execute.policy_layers import changed_plugins
from ...hindsight import Question, Report, Walk
from ...hindsight.question import STEPS_SECONDS
from ...wording import LANGUAGES
from .asked import Limits, Order, Outcome
from .difference import view_difference
from .job import CANCEL, FIRST, OUTCOME, PROGRESS
from .past import Past, open_past

NICE = 10
TELL_SECONDS = 0.25
DAY_SECONDS = 86_400.0


class Stopped(BaseException):
    """Cancelled, or out of time; no plug-in's failure, and nothing that catches those must catch it."""

    def __init__(self, state: str, code: str, limit_seconds: float | None = None) -> None:
        super().__init__(code)
        self.state = state
        self.code = code
        self.limit_seconds = limit_seconds


class NobodyMeant(Exception):
    """No plugin would get another policy."""


def main() -> None:
    """Read an order from standard input, compute, and leave the outcome in its directory."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    _leave(order, _outcome(order))
    sys.stderr.flush()
    os._exit(0)  # at once: whoever asks next waits for the lock, and tearing down numpy takes a while on a busy host


def _outcome(order: Order) -> Outcome:
    limits, first = order.limits, First()
    params: Mapping[str, str | int | float | None] = {}
    try:
        _bind(limits)
        return Outcome(state="done", finished_at=time.time(), result=_compute(order, first))
    except Stopped as stopped:
        state, code, params = stopped.state, stopped.code, {"limit_seconds": stopped.limit_seconds}
    except NotFound:
        state, code = "failed", "preview_no_history"
    except NobodyMeant:
        state, code = "failed", "preview_nobody"
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever asked is told
        if _for_want_of_memory(error):
            state, code, params = "failed", "preview_too_large", {"limit_bytes": float(limits.memory_bytes)}
        else:
            traceback.print_exc()
            state, code, params = "failed", "preview_failed", {"error": f"{type(error).__name__}: {error}"[:300]}
    finally:
        _release()
    if code == "preview_too_long" and first.result is not None:
        return Outcome(
            state="done", finished_at=time.time(), code="preview_first_only", params=params, result=first.result
        )
    return Outcome(state=state, finished_at=time.time(), code=code, params=params)


def _for_want_of_memory(error: BaseException | None) -> bool:
    """Tell whether memory was refused, to us or to a library, or in whatever failed while that was being cleared up."""
    while error is not None:
        refused = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        if refused or (isinstance(error, sqlite3.Error) and "out of memory" in str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _bind(limits: Limits) -> None:
    """Take the lowest place in the queue for the processor, and give up what is beyond the limits."""

    def out_of_time(number: int, _frame: object) -> None:
        limit = limits.seconds if number == signal.SIGALRM else limits.cpu_seconds
        raise Stopped("failed", "preview_too_long", limit)

    os.nice(NICE)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, most))
    for number, timer, seconds in (
        (signal.SIGALRM, signal.ITIMER_REAL, limits.seconds),
        (signal.SIGPROF, signal.ITIMER_PROF, limits.cpu_seconds),
    ):
        signal.signal(number, out_of_time)
        signal.setitimer(timer, seconds)


def _release() -> None:
    """Let what is left to do, telling the outcome, be done in any case."""
    for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF):
        signal.setitimer(timer, 0)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


@dataclass(slots=True)
class First:
    """The answer by few looks, once it is there."""

    result: Mapping[str, object] | None = None


def _compute(order: Order, first: First) -> Mapping[str, object]:
    """Return the answer in each language: the same past under the present and under the proposed policies.

    By few looks first, which is soon told; then by all of them.
    """
    began, teller = time.monotonic(), Teller(Path(order.directory))
    few, all_ = order.limits.first_looks, order.limits.looks
    share = few / (few + all_)
    with open_past(Config(engine=order.engine)) as past:
        first.result = _answer(order, past, few, began, lambda done: teller.told(share * done))
        if _question(order, past, few).every_seconds == _question(order, past, all_).every_seconds:
            return first.result  # so short a past is looked at closely at once
        _write(Path(order.directory) / FIRST, msgspec.json.encode(first.result, enc_hook=float))
        return _answer(order, past, all_, began, lambda done: teller.told(share + (1 - share) * done))


def _answer(
    order: Order, past: Past, looks: int, began: float, progress: Callable[[float], None]
) -> Mapping[str, object]:
    question = _question(order, past, looks)
    present = _walk(replace(question, policies=order.present), past, lambda share: progress(share / 2))
    proposed = _walk(replace(question, policies=order.proposed), past, lambda share: progress(0.5 + share / 2))
    seconds = time.monotonic() - began
    return {lang: view_difference(present, proposed, order.asked, seconds, lang) for lang in LANGUAGES}


def _question(order: Order, past: Past, looks: int) -> Question:
    """Ask of the plugins whose policy would be another one. Raises NotFound where there is no history, NobodyMeant."""
    until, plugins = order.asked.at, past.plugins
    begin = past.begin_of(until - order.asked.days * DAY_SECONDS, until)
    asked = frozenset(plugin_id for plugin_id, _ in changed_plugins(order.present, order.proposed, plugins))
    if not asked:
        raise NobodyMeant
    return Question(
        since=begin,
        until=until,
        every_seconds=step_for(until - begin, looks),
        plugins=plugins,
        asked=asked,
        policies=Policies(),
        window_seconds=order.engine.window_seconds,
        interval_seconds=order.engine.interval_seconds,
        cores=len(os.sched_getaffinity(0)),
    )


def step_for(seconds: float, looks: int) -> float:
    """Return the finest step that looks at a stretch of so many seconds no more than `looks` times."""
    return next((step for step in STEPS_SECONDS if seconds / step <= looks), max(STEPS_SECONDS[-1], seconds / looks))


def _walk(question: Question, past: Past, progress: Callable[[float], None]) -> Report:
    record, entries = past.record(question.since), past.entries()
    report = Walk(question, past.samples, past.requests, record, detectors(), planners(), entries, progress).run()
    if any(fault.error.startswith(MemoryError.__name__) for fault in report.faults):
        raise MemoryError  # a part was left out for want of memory: half an answer would be none
    return report


class Teller:
    """Writes how far it is where the server looks, and sees there whether to stop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._due = 0.0

    def told(self, share: float) -> None:
        """Take note of the share that is done, 0…1. Raises Stopped where somebody cancelled."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + TELL_SECONDS
        if (self._folder / CANCEL).exists():
            raise Stopped("cancelled", "preview_cancelled")
        _write(self._folder / PROGRESS, f"{share:.3f}".encode())


def _leave(order: Order, outcome: Outcome) -> None:
    _write(Path(order.directory) / OUTCOME, msgspec.json.encode(outcome, enc_hook=float))


def _write(path: Path, content: bytes) -> None:
    """Put a file there in one piece."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
