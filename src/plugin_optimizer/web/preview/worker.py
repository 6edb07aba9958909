"""The process that computes a preview: bounded in time and memory, yielding to everything else, and able to stop."""

import errno
import os
import resource
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from ...catalog import detectors, planners
from ...config import Config
from ...domain import NotFound, Policies
from ...execute.policy_layers import changed_plugins
from ...hindsight import Question, Report, Sofar, Walk
from ...hindsight.question import STEPS_SECONDS
from ...wording import LANGUAGES
from .asked import Course, Limits, Order, Outcome
from .difference import view_difference
from .job import CANCEL, COURSE, FIRST, OUTCOME
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
    began, folder = time.monotonic(), Path(order.directory)
    few, all_ = order.limits.first_looks, order.limits.looks
    share = few / (few + all_)
    with open_past(Config(engine=order.engine)) as past:
        first.result = _answer(order, past, few, began, Teller(folder, "first", 0.0, share))
        if _question(order, past, few).every_seconds == _question(order, past, all_).every_seconds:
            return first.result  # so short a past is looked at closely at once
        _write(folder / FIRST, msgspec.json.encode(first.result, enc_hook=float))
        return _answer(order, past, all_, began, Teller(folder, "full", share, 1.0))


def _answer(order: Order, past: Past, looks: int, began: float, teller: "Teller") -> Mapping[str, object]:
    question = _question(order, past, looks)
    present = _walk(replace(question, policies=order.present), past, teller, "present")
    proposed = _walk(replace(question, policies=order.proposed), past, teller, "proposed")
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


def _walk(question: Question, past: Past, teller: "Teller", policy: str) -> Report:
    teller.told(Sofar(0.0), policy, question.looks)  # before the first look: to read the past takes a while
    record, entries = past.record(question.since), past.entries()
    walk = Walk(
        question, past.samples, past.requests, record, detectors(), planners(), entries,
        lambda sofar: teller.told(sofar, policy, question.looks),
    )  # fmt: skip
    report = walk.run()
    if any(fault.error.startswith(MemoryError.__name__) for fault in report.faults):
        raise MemoryError  # a part was left out for want of memory: half an answer would be none
    return report


@dataclass(slots=True)
class Teller:
    """Writes how far one answer is where the server looks, and sees there whether to stop.

    `begin` and `end` are the shares of the whole at which this answer begins and ends.
    """

    folder: Path
    answer: str
    begin: float
    end: float
    _due: float = field(default=0.0, init=False)

    def told(self, sofar: Sofar, policy: str, of_looks: int) -> None:
        """Take note of how far the replay under `policy` is. Raises Stopped where somebody cancelled."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + TELL_SECONDS
        if (self.folder / CANCEL).exists():
            raise Stopped("cancelled", "preview_cancelled")
        done = (sofar.share + (policy == "proposed")) / 2
        course = Course(
            share=self.begin + (self.end - self.begin) * done,
            answer=self.answer,
            policy=policy,
            looks=min(sofar.looks, of_looks),
            of_looks=of_looks,
            suggestions=sofar.suggestions,
            executed=sofar.executed,
        )
        _write(self.folder / COURSE, msgspec.json.encode(course))


def _leave(order: Order, outcome: Outcome) -> None:
    _write(Path(order.directory) / OUTCOME, msgspec.json.encode(outcome, enc_hook=float))


def _write(path: Path, content: bytes) -> None:
    """Put a file there in one piece."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
