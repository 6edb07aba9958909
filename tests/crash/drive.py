"""Starts engines as processes, lets them die, starts them again, until each run has come to its end."""

import gc
import logging
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plugin_optimizer.domain import Plugin
from tests.gunicorn_service import GunicornService, wait_for

from .case import FINAL_SECONDS, PLUGIN_ID, STOP_HELD_SECONDS, Case, Room
from .engine import live
from .furnish import furnish
from .invariants import broken_promises
from .ledger import Ledger
from .targets import application, gunicorn, plugin_of, reports

MOST_LIVES = 12
LOOK_SECONDS = 0.01
AT_ONCE = 16
TELL_EVERY = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run. `points` are those where the fault struck, `signals` what its engines died of."""

    case: Case
    broken: tuple[str, ...]
    struck: tuple[str, ...]
    signals: tuple[int, ...]
    end: str
    seconds: float
    orders: int
    held: int = 0
    lives: int = 1

    @property
    def surprising(self) -> bool:
        """Tell whether a promise was broken that should have held."""
        return bool(self.broken) and not self.case.unfenced


@dataclass(slots=True)
class Run:
    """One run under way: its engines by pid, those that were stopped, and when it has to be over."""

    case: Case
    room: Room
    began: float = field(default_factory=time.monotonic)
    engines: set[int] = field(default_factory=set)
    paused: dict[int, float] = field(default_factory=dict)  # since when
    signals: list[int] = field(default_factory=list)
    lives: int = 0
    held: int = 0
    trouble: list[str] = field(default_factory=list)
    outside: bool = False
    application: int = 0
    gunicorn: GunicornService | None = None

    def prepare(self) -> None:
        """Lay out everything but the engine."""
        self.room.make()
        furnish(self.room, self._bring_up_target())

    def start(self) -> None:
        self.prepare()
        self._bring_up()
        if self.case.mode == "sleep":
            self._bring_up()  # it is held for a moment: somebody has to be there who could go on meanwhile

    def step(self) -> bool:
        """Look after the engines; return whether the run is over."""
        for pid in list(self.engines):
            self._look_at(pid)
        self._from_outside()
        self._release()
        if time.monotonic() - self.began > FINAL_SECONDS:
            self.trouble.append(f"(b) not at its end after {FINAL_SECONDS:g} s")
            self.end()
        return not self.engines

    def end(self) -> None:
        for pid in self.engines:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.engines.clear()
        self._end_target()

    def _end_target(self) -> None:
        if self.application:
            os.kill(self.application, signal.SIGKILL)
            os.waitpid(self.application, 0)
            self.application = 0
        if self.gunicorn is not None:
            self.gunicorn.stop()
            self.gunicorn = None

    def _bring_up_target(self) -> Plugin:
        """Start what is to be turned, in processes of its own; return it as engines know it."""
        if self.case.target == "probe":
            self.application = in_child(lambda: application(self.room), self.room.path / "application.log")
            wait_for(lambda: reports(self.room), what="the application to tell of its knob")
        if self.case.target in ("signals", "socket"):
            self.gunicorn = gunicorn(self.room, control_socket=self.case.target == "socket")
            return plugin_of(self.gunicorn, self.room)
        return Plugin(PLUGIN_ID, self.case.target)

    def _bring_up(self) -> None:
        self.lives += 1
        if self.lives > MOST_LIVES:
            self.trouble.append(f"(b) {MOST_LIVES} engines were not enough")
            return
        self.engines.add(in_child(lambda: live(self.case, self.room), self.room.path / "engine.log"))

    def _look_at(self, pid: int) -> None:
        found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if found == 0:
            return
        if os.WIFSTOPPED(status):
            self.paused[pid] = time.monotonic()
            self.held += 1
            self._bring_up()
            return
        self.engines.discard(pid)
        self.paused.pop(pid, None)
        if os.WIFSIGNALED(status):
            self.signals.append(os.WTERMSIG(status))
        if status != 0 and not self.engines - set(self.paused):
            self._bring_up()

    def _from_outside(self) -> None:
        due = self.case.kill_after_seconds
        if self.outside or not due or time.monotonic() - self.began < due or not self.engines:
            return
        self.outside = True
        pid = min(self.engines)
        if not stopped(pid):
            return
        self.room.strike("random", self.case.mode)
        if self.case.mode != "pause":
            os.kill(pid, signal.SIGKILL)

    def _release(self) -> None:
        """Let a stopped engine go on when the other has finished, or has had its time."""
        others = self.engines - set(self.paused)
        for pid, since in list(self.paused.items()):
            if not others or time.monotonic() - since > STOP_HELD_SECONDS:
                del self.paused[pid]
                os.kill(pid, signal.SIGCONT)

    def _count_workers(self) -> None:
        """Compare the processes of a real gunicorn with what its ledger says it wants."""
        if self.gunicorn is None:
            return
        wanted = Ledger(self.room.ledger).value()
        try:
            self.gunicorn.wait_for_workers(wanted)
        except TimeoutError as error:
            self.trouble.append(f"(d) {error}")

    def outcome(self) -> Outcome:
        end, orders, broken = broken_promises(self.case, self.room)
        self._count_workers()
        self._end_target()
        struck = tuple(str(found["point"]) for found in self.room.struck())
        seconds = time.monotonic() - self.began
        return Outcome(
            self.case,
            (*self.trouble, *broken),
            struck,
            tuple(self.signals),
            end,
            seconds,
            orders,
            self.held,
            self.lives,
        )


def in_child(work: Callable[[], None], log: Path) -> int:
    """Do the work in a forked process that writes to `log`; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        logging.basicConfig(stream=sys.stderr, level=logging.INFO, force=True)
        random.seed(os.getpid())
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - nothing of the child may go on in the parent's code
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def stopped(pid: int) -> bool:
    """Stop a child, so that it cannot end by itself in this moment; return whether it had not ended already."""
    os.kill(pid, signal.SIGSTOP)
    found = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return found is not None and found.si_code == os.CLD_STOPPED


def drive(cases: Sequence[Case], directory: Path, at_once: int = AT_ONCE) -> Iterator[Outcome]:
    """Run the cases, some at a time, and yield what became of each. Leaves the rooms of broken runs for a look."""
    gc.collect()
    gc.freeze()  # children share what is loaded
    waiting, running = list(enumerate(cases))[::-1], list[Run]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                number, case = waiting.pop()
                run = Run(case, Room(directory / f"{number}"))
                run.start()
                running.append(run)
            for run in [run for run in running if run.step()]:
                running.remove(run)
                outcome = run.outcome()
                if not outcome.surprising:
                    shutil.rmtree(run.room.path)
                yield outcome
            time.sleep(LOOK_SECONDS)
    finally:
        for run in running:
            run.end()


def in_own_directory(cases: Sequence[Case], at_once: int = AT_ONCE) -> list[Outcome]:
    """Run the cases below a new directory, which stays where a promise was broken."""
    directory = Path(tempfile.mkdtemp(prefix="crash-runs-"))
    outcomes = []
    for outcome in drive(cases, directory, at_once):
        outcomes.append(outcome)
        if outcome.surprising:
            sys.stdout.write(f"python -m tests.crash {outcome.case.name}\n  {'; '.join(outcome.broken)}\n")
        if len(outcomes) % TELL_EVERY == 0:
            sys.stdout.write(f"{len(outcomes)} of {len(cases)} runs, {sum(o.surprising for o in outcomes)} broken\n")
        sys.stdout.flush()
    if not any(outcome.surprising for outcome in outcomes):
        shutil.rmtree(directory)
    return outcomes
