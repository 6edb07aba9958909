"""Of the runners of several hosts that share a database, one runs; one that cannot renew stops by itself."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from plugin_optimizer.domain import Unavailable
from plugin_optimizer.runner import Runner
from tests.runner.test_runner import CountingLoop, until

pytestmark = pytest.mark.live


@dataclass
class SharedLease:
    """The lease of a database that can be taken away."""

    holder: str = ""
    away: bool = False
    given: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def take_runner_lease(self, holder: str) -> bool:
        with self.guard:
            self._answer()
            if self.holder in {"", holder}:
                self.holder = holder
                self.given.append(holder)
                return True
            return False

    def renew_runner_lease(self, holder: str) -> bool:
        self._answer()
        return self.holder == holder

    def release_runner_lease(self, holder: str) -> None:
        self._answer()
        if self.holder == holder:
            self.holder = ""

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("it is away")


def host(directory: Path, name: str, lease: SharedLease) -> Runner:
    """Return the runner of a host: its lock is its own, the lease is everybody's."""
    (directory / name).mkdir()
    loop = CountingLoop(directory / name / "ledger")
    return Runner(lambda _: loop, directory / name / "engine.lock", 0.05, lambda: lease)


@pytest.fixture
def lease() -> SharedLease:
    return SharedLease()


def test_of_two_hosts_one_runs_and_the_other_follows_when_it_stops(tmp_path: Path, lease: SharedLease) -> None:
    """A runner that ends gives its lease back."""
    one, two = host(tmp_path, "one", lease), host(tmp_path, "two", lease)
    one.start()
    until(lambda: one.active, 60.0)
    two.start()
    try:
        assert len(lease.given) == 1
        one.stop()
        until(lambda: two.active, 60.0)
        assert not one.active
        assert len(lease.given) == 2
    finally:
        one.stop()
        two.stop()


def test_one_that_cannot_renew_stops_and_comes_back(tmp_path: Path, lease: SharedLease) -> None:
    """Without an answer of the database it does not turn any more after ten seconds; with one it does again."""
    runner = host(tmp_path, "one", lease)
    runner.start()
    try:
        until(lambda: runner.active, 60.0)
        lease.away = True
        until(lambda: not runner.active, 60.0)
        lease.holder, lease.away = "", False
        until(lambda: runner.active, 60.0)
    finally:
        runner.stop()


def test_one_whose_lease_was_taken_stops(tmp_path: Path, lease: SharedLease) -> None:
    """It is told at its next renewal."""
    runner = host(tmp_path, "one", lease)
    runner.start()
    try:
        until(lambda: runner.active, 60.0)
        lease.holder = "another"
        until(lambda: not runner.active, 60.0)
        assert lease.holder == "another"
    finally:
        runner.stop()
