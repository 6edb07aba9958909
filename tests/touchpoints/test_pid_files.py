"""What a PID file says decides nothing: forged, stale, linked or recycled, the signal goes to the real master or nowhere."""

import contextlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Gone, Plugin, Refused, Unobservable
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint
from tests.gunicorn_service import GunicornService, start_gunicorn, wait_for

pytestmark = pytest.mark.live
FORGED_FILES = 100

# It catches everything that could be sent by mistake, says so, and looks as much like a gunicorn as a script can.
BYSTANDER = """
import signal, sys
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGCHLD}:
    try:
        signal.signal(number, lambda got, _: print("got", got, flush=True))
    except OSError:
        pass
print("ready", flush=True)
while True:
    signal.pause()
"""


@dataclass
class Scene:
    """A real service with a PID file that anybody may have written, and processes that are none of our business."""

    service: GunicornService
    touchpoint: GunicornTouchpoint
    bystanders: list["subprocess.Popen[str]"]
    master_pid: int
    chance: random.Random = field(default_factory=lambda: random.Random(99))

    @property
    def pid_file(self) -> Path:
        return self.service.directory / "master.pid"

    def plugin(self) -> Plugin:
        bind = f"127.0.0.1:{self.service.port}"
        return next(plugin for plugin in self.touchpoint.discover() if plugin.address["bind"] == bind)

    def workers(self) -> int:
        plugin = self.plugin()
        return next(int(knob.value) for knob in self.touchpoint.knobs(plugin) if knob.name == "workers")

    def told(self) -> int | None:
        """Return the workers, None while they cannot be told: one that somebody else adds may be a reload."""
        with contextlib.suppress(Unobservable):
            return self.workers()
        return None

    def comes_to_two(self) -> bool:
        if self.workers() == 2:
            return True
        self.touchpoint.turn(self.plugin(), "workers", 2)
        return False

    def forge(self, number: int) -> None:
        """Put something else in the place of the PID file."""
        self.pid_file.unlink(missing_ok=True)
        victim = self.chance.choice(self.bystanders).pid
        elsewhere = self.service.directory / "elsewhere.pid"
        elsewhere.write_text(f"{victim}\n")
        kinds = (f"{victim}\n", "1\n", "0\n", "-1\n", f"{os.getpid()}\n", f"{os.getppid()}\n", "", "999999999\n", "x\n")
        if number % 10 < len(kinds):
            self.pid_file.write_text(kinds[number % 10])
        else:
            self.pid_file.symlink_to(self.chance.choice((elsewhere, Path("/proc/self/stat"), Path("/nowhere"))))

    def struck(self) -> list[str]:
        """End the bystanders; return everything they were sent before that."""
        said = []
        for bystander in self.bystanders:
            bystander.terminate()
            said += bystander.communicate(timeout=30)[0].splitlines()
        return said


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    bystanders = [
        subprocess.Popen(
            [sys.executable, "-c", BYSTANDER, "-m", "gunicorn", "--name", "orders"], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        for bystander in bystanders:
            assert bystander.stdout is not None
            assert bystander.stdout.readline() == "ready\n"
        with start_gunicorn(tmp_path, name="orders", extra=("--no-control-socket",)) as service:
            master = service.master_pid
            found = Scene(service, GunicornTouchpoint(tmp_path / "home"), bystanders, master)
            wait_for(lambda: found.workers() == 1)  # a worker of less than 0.1 s does not count yet
            yield found
    finally:
        for bystander in bystanders:
            bystander.kill()
            bystander.communicate()


def test_a_hundred_forged_pid_files_lead_to_no_wrong_signal(scene: Scene) -> None:
    """The orders turn the real master between one and two workers; nobody else hears anything."""
    seen = set()
    for number in range(FORGED_FILES):
        scene.forge(number)
        before = scene.workers()
        to = before + 1 if before < 2 else before - 1
        with contextlib.suppress(Refused):  # a worker that has just begun may not have given a sign of life yet
            scene.touchpoint.turn(scene.plugin(), "workers", to)
        seen.add(before)
    wait_for(scene.comes_to_two, 60.0)
    assert seen <= {1, 2}
    assert scene.struck() == []
    scene.pid_file.unlink(missing_ok=True)
    scene.pid_file.write_text(f"{scene.master_pid}\n")
    assert scene.service.get().text == "hello"


def test_an_address_with_a_strangers_pid_leads_to_the_service_at_its_bind(scene: Scene) -> None:
    """The pid in an address is what was seen once; who serves now is found out anew."""
    forged = [1, os.getpid(), *(bystander.pid for bystander in scene.bystanders)]
    for pid in forged:
        plugin = replace(scene.plugin(), address={**scene.plugin().address, "pid": str(pid)})
        to = 2 if scene.workers() == 1 else 1
        GunicornTouchpoint(scene.touchpoint.home).turn(plugin, "workers", to)
        wait_for(lambda to=to: scene.told() == to, 60.0)  # type: ignore[misc]
    assert scene.struck() == []


def test_a_service_that_is_gone_is_gone_whatever_its_pid_file_says(scene: Scene) -> None:
    """A stale file, and one that names a process which lives, are no service."""
    plugin = scene.plugin()
    scene.service.stop()
    for text in (f"{scene.master_pid}\n", f"{scene.bystanders[0].pid}\n"):
        scene.pid_file.write_text(text)
        with pytest.raises(Gone):
            scene.touchpoint.turn(plugin, "workers", 2)
    assert scene.struck() == []
