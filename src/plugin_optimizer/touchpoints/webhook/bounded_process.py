"""Runs one program to its end, or to that of its time or the room for what it says; nothing it started stays behind."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

CHUNK_BYTES = 16 * 1024
LOOK_SECONDS = 0.05  # how soon an end is seen where a grandchild holds the pipes open


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of it. `code` is negative for a signal; `cut_short` says why it was killed ("" where it was not)."""

    code: int
    output: bytes
    errors: bytes
    cut_short: str = ""


def run_bounded(
    command: Sequence[str],
    question: bytes,
    *,
    environment: Mapping[str, str],
    directory: str,
    seconds: float,
    most_bytes: tuple[int, int],
) -> Ended:
    """Run `command` without a shell, `question` on its standard input. `most_bytes`: of output, of errors (the rest is dropped).

    It leads a process group of its own, which is killed whole when it ends, however it ends. Raises OSError where it cannot
    be started.
    """
    with subprocess.Popen(  # noqa: S603 - what the configuration names, no shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd=directory,
        start_new_session=True,
    ) as process:
        try:
            talk = _Talk(process, question, time.monotonic() + seconds, *most_bytes)
            cut_short = talk.until_end()
        finally:
            kill_group(process)
        if cut_short == TOO_LATE:
            cut_short = f"did not end within {seconds:g} s and was killed"
        return Ended(process.wait(), bytes(talk.output), bytes(talk.errors), cut_short)


TOO_LATE = "too late"


@dataclass(slots=True)
class _Talk:
    """Writes and reads what is ready, so that neither side waits for the other for ever."""

    process: "subprocess.Popen[bytes]"
    question: bytes
    deadline: float
    most_output: int
    most_errors: int
    output: bytearray = field(default_factory=bytearray)
    errors: bytearray = field(default_factory=bytearray)

    def until_end(self) -> str:
        """Return why it has to be killed, "" when it ended by itself."""
        with selectors.DefaultSelector() as ready:
            for pipe, event in self._pipes():
                os.set_blocking(pipe.fileno(), False)
                ready.register(pipe, event)
            while True:
                if ended := has_ended(self.process):
                    kill_group(self.process)  # or what it left behind could go on talking
                self._move(ready, 0.0 if ended else LOOK_SECONDS)
                if len(self.output) > self.most_output:
                    return f"answered with more than {self.most_output} bytes and was killed"
                if ended:
                    return ""
                if time.monotonic() > self.deadline:
                    return TOO_LATE

    def _pipes(self) -> Sequence[tuple[IO[bytes], int]]:
        stdin, stdout, stderr = self.process.stdin, self.process.stdout, self.process.stderr
        if stdin is None or stdout is None or stderr is None:
            raise RuntimeError("a process was started without its three pipes")
        return (stdin, selectors.EVENT_WRITE), (stdout, selectors.EVENT_READ), (stderr, selectors.EVENT_READ)

    def _move(self, ready: selectors.BaseSelector, seconds: float) -> None:
        """Move what can be moved, until nothing more is ready (or for one round, while it still runs)."""
        if not ready.get_map():
            time.sleep(seconds)  # it closed its pipes and is about to end
            return
        while found := ready.select(seconds):
            for key, event in found:
                going_on = self._write(key.fd) if event & selectors.EVENT_WRITE else self._read(key)
                if not going_on:
                    ready.unregister(key.fileobj)
                    if event & selectors.EVENT_WRITE:
                        self._close_input()
            late = time.monotonic() > self.deadline
            if late or seconds or not ready.get_map() or len(self.output) > self.most_output:
                return

    def _close_input(self) -> None:
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def _write(self, descriptor: int) -> bool:
        try:
            written = os.write(descriptor, self.question[:CHUNK_BYTES])
        except BlockingIOError:
            return True
        except OSError:
            return False  # it does not read: what it answers is its own affair
        self.question = self.question[written:]
        return bool(self.question)

    def _read(self, key: selectors.SelectorKey) -> bool:
        try:
            part = os.read(key.fd, CHUNK_BYTES)
        except BlockingIOError:
            return True
        stdout = self.process.stdout
        if stdout is not None and key.fd == stdout.fileno():
            self.output += part
        else:
            self.errors += part[: max(0, self.most_errors - len(self.errors))]
        return bool(part)


def has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Tell whether it has ended, without taking leave of it: until then its number is nobody else's."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """End it and what it started, in as far as that stayed in its group. To be called before it is waited for."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
