"""Runs the back office: everything is started in order, kept running, and stopped in the reverse order."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

import msgspec

from . import deployment, load
from .answers import Endpoint, wait_until
from .child import STOP_SECONDS, Child, marked_processes, stop_processes
from .commands import HOST, Commands
from .roster import Service
from .watch import Watched

Say = Callable[[str], None]

WATCH_SECONDS = 0.5
SERVICE_START_SECONDS = 60.0
SERVER_START_SECONDS = 90.0
DEPLOYMENT_SECONDS = 35.0  # after the server: somebody changes a price setting
HEALTH_PATH = "/api/plugin-optimization/health"
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


@dataclass(slots=True)
class Supervisor:
    """One run of the demo. `run` returns the exit code once everything is stopped."""

    commands: Commands
    services: tuple[Service, ...]
    api: Endpoint
    welcome: str
    say: Say
    duration_seconds: float = 7200.0
    watched: list[Watched] = field(default_factory=list)
    signals: list[int] = field(default_factory=list)

    def run(self) -> int:
        with self._signals():
            try:
                if self._start():
                    self._watch()
                elif not self.signals:
                    return EXIT_FAILED
            finally:
                self._stop()
        return EXIT_INTERRUPTED if signal.SIGINT in self.signals else 0

    def _start(self) -> bool:
        """Start everything; return False when something essential did not answer, or a signal came."""
        clear_floor(self.commands.layout.directory, self.say)
        partners = self._launch(self.commands.partners(), restart=True)
        started = [
            (service, self._launch(self.commands.service(service), service.restart)) for service in self.services
        ]
        if not self._wait(partners, Endpoint(HOST, self.commands.ports.partners), SERVICE_START_SECONDS):
            return False
        for service, child in started:
            endpoint = Endpoint(HOST, self.commands.ports.services[service.name], "/health")
            if not self._wait(child, endpoint, SERVICE_START_SECONDS):
                return False
        self._start_load()
        server = self._launch(self.commands.server(), restart=True)
        if self._wait(server, self.api, SERVER_START_SECONDS):
            self.say(self.welcome)
            return True
        return False

    def _start_load(self) -> None:
        streams = [
            load.Stream(service.name, HOST, self.commands.ports.services[service.name], service.requests_per_second)
            for service in self.services
        ]
        plan = load.Plan(tuple(streams), self.duration_seconds + SERVER_START_SECONDS, seed=self.commands.seed)
        self.commands.layout.load_plan.write_bytes(msgspec.json.encode(asdict(plan)))
        self._launch(self.commands.load(), restart=True)
        rate = sum(service.requests_per_second for service in self.services)
        self.say(f"load: {rate:g} requests per second for at most {self.duration_seconds:g} s")

    def _launch(self, child: Child, restart: bool) -> Child:
        child.log.unlink(missing_ok=True)
        child.start()
        self.watched.append(Watched(child, restart))
        return child

    def _wait(self, child: Child, endpoint: Endpoint, seconds: float) -> bool:
        began = time.monotonic()
        if wait_until(lambda: not child.alive() or endpoint.answers(), seconds, lambda: bool(self.signals)):
            if child.alive():
                self.say(f"{child.name} answers on port {endpoint.port} ({time.monotonic() - began:.1f} s)")
                return True
            self.say(f"{child.name} {child.exit_text()} at its start; its log says:\n{tail(child.log)}")
        elif not self.signals:
            self.say(f"{child.name} does not answer after {seconds:g} s; its log says:\n{tail(child.log)}")
        return False

    def _watch(self) -> None:
        """Keep everything running until a signal comes or the time is over."""
        began = time.monotonic()
        deployed = False
        while not self.signals and (now := time.monotonic()) < began + self.duration_seconds:
            for watched in self.watched:
                self._tell(watched.look(now))
            if not deployed and now >= began + DEPLOYMENT_SECONDS:
                deployed = True
                self._tell(deployment.deploy(self.commands.layout.pricing))
            time.sleep(WATCH_SECONDS)

    def _tell(self, news: str | None) -> None:
        if news:
            self.say(news)

    def _stop(self) -> None:
        self.say("stopping")
        for watched in reversed(self.watched):
            watched.child.stop(0.0 if len(self.signals) > 1 else STOP_SECONDS)  # a second Ctrl-C does not wait
        stop_processes(list(marked_processes(str(self.commands.layout.directory))), 1.0)
        self.say("everything is stopped")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def note(number: int, _: FrameType | None) -> None:
            self.signals.append(number)

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def clear_floor(directory: Path, say: Say) -> None:
    """Stop what a demo in this directory left behind when it was killed."""
    left = list(marked_processes(str(directory)))
    if left:
        say(f"stopping {len(left)} processes that an earlier demo left behind")
        stop_processes(left, 5.0)


def tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) or "(nothing)"
    except OSError as error:
        return f"({error.strerror})"
