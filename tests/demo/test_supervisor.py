"""Everything that is started is stopped, whatever happens to whom."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from gunicorn_service import START_SECONDS, free_port, wait_for

from plugin_optimizer.demo.answers import Endpoint
from plugin_optimizer.demo.child import marked_processes

pytestmark = pytest.mark.live
OFFICE = Path(__file__).with_name("office.py")


@dataclass
class Office:
    """A supervisor in a process of its own, over the menu service and a small server."""

    directory: Path
    process: "subprocess.Popen[bytes]"

    @property
    def said(self) -> str:
        return (self.directory / "said").read_text()

    @property
    def menu(self) -> Endpoint:
        ports = json.loads((self.directory / "ports").read_text())
        return Endpoint("127.0.0.1", ports["services"]["menu"], "/health")

    def left(self) -> list[psutil.Process]:
        return list(marked_processes(str(self.directory)))

    def part(self, words: str) -> psutil.Process:
        """Return the child of the supervisor whose command line holds `words`."""
        return next(
            child for child in psutil.Process(self.process.pid).children() if words in " ".join(child.cmdline())
        )


@contextmanager
def office(directory: Path, until: str = "welcome", server: str = "answers") -> Iterator[Office]:
    """Start it and wait until it says `until`; with a server that is "silent" it never comes to its welcome."""
    directory.mkdir(exist_ok=True)
    ports = (str(free_port()), str(directory / "ports"))
    command = [sys.executable, str(OFFICE), str(directory), *ports, server, "menu"]
    with (directory / "said").open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        started = Office(directory, process)
        try:
            wait_for(lambda: until in started.said or process.poll() is not None, 120, "the office to open")
            assert until in started.said, started.said
            yield started
        finally:
            process.terminate()
            process.wait(START_SECONDS)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_stops_everything_in_the_reverse_order(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Partners, service, load and server run; after the signal nothing does."""
    with office(tmp_path / "office") as started:
        wait_for(lambda: len(started.left()) >= 6)  # partners, master, two workers, load, server
        assert started.menu.answers()
        started.process.send_signal(number)
        assert started.process.wait(START_SECONDS) == code
        assert started.left() == []
        assert started.said.endswith("stopping\neverything is stopped\n")


def test_a_signal_during_the_start_stops_what_was_started(tmp_path: Path) -> None:
    """Nobody has to wait for the welcome."""
    with office(tmp_path / "office", "partners answers", "silent") as started:
        started.process.send_signal(signal.SIGINT)
        assert started.process.wait(START_SECONDS) == 130
        assert started.left() == []
        assert "welcome" not in started.said


def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    """The kernel tells its children; and a second start works in the same place."""
    with office(tmp_path / "office") as started:
        started.process.kill()
        started.process.wait(START_SECONDS)
        wait_for(lambda: started.left() == [])
    with office(tmp_path / "office") as again:
        assert again.menu.answers()


def test_what_a_killed_demo_left_behind_is_stopped_by_the_next(tmp_path: Path) -> None:
    """A process that heard nothing of the end (it ignores TERM) is found by its mark."""
    directory = tmp_path / "office"
    directory.mkdir()
    stubborn = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)",
        ],
        env={"PLUGIN_OPTIMIZER_DEMO_DIRECTORY": str(directory)},
        stdout=subprocess.PIPE,
    )
    with stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        with office(directory) as started:
            assert "stopping 1 processes that an earlier demo left behind" in started.said
            assert stubborn.wait(START_SECONDS) == -signal.SIGKILL


def test_a_part_that_is_killed_is_started_again(tmp_path: Path) -> None:
    """Service, load and server each come back, and it is said."""
    parts = ("demo.services.menu", "demo.load", "http.server")
    with office(tmp_path / "office") as started:
        first = {words: started.part(words) for words in parts}
        for process in first.values():
            process.kill()
        wait_for(lambda: started.said.count("was started again") == len(parts))
        assert started.said.count("was ended by SIGKILL") == len(parts)
        assert all(started.part(words).pid != process.pid for words, process in first.items())
        wait_for(started.menu.answers)


def test_a_service_that_re_executes_itself_is_not_started_twice(tmp_path: Path) -> None:
    """After USR2 and the end of the old master the new one is known to be the service, and is stopped at the end."""
    with office(tmp_path / "office") as started:
        master = started.part("demo.services.menu")
        master.send_signal(signal.SIGUSR2)
        wait_for(lambda: sum(bool(process.children()) for process in started.left()) >= 2)
        wait_for(lambda: any("GUNICORN_PID" in process.environ() for process in started.left()))
        master.terminate()
        master.wait(START_SECONDS)
        wait_for(started.menu.answers)
        assert "menu was" not in started.said
        started.process.terminate()
        started.process.wait(START_SECONDS)
        assert started.left() == []
