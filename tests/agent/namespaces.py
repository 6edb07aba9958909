"""Two hosts in one: network namespaces joined by a cable that can be cut."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class NotPermitted(Exception):
    """This user may not make network namespaces here, or has no `ip`."""


@dataclass(frozen=True, slots=True)
class Host:
    """One namespace, and the address of its end of the cable."""

    name: str
    cable: str
    address: str

    def command(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.name, sys.executable, *words]

    def start(self, log: Path, *words: str, cwd: Path | None = None, **environment: str) -> "subprocess.Popen[bytes]":
        """Start a Python in here, in the background."""
        with log.open("ab") as file:
            return subprocess.Popen(
                self.command(*words), cwd=cwd or ROOT, env=_environment(environment), stdout=file, stderr=file
            )

    def say(self, *words: str) -> str:
        """Run a Python in here to its end and return what it printed."""
        done = subprocess.run(
            self.command(*words),
            cwd=ROOT,
            env=_environment({}),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def cut(self) -> None:
        _ip("-n", self.name, "link", "set", self.cable, "down")

    def mend(self) -> None:
        _ip("-n", self.name, "link", "set", self.cable, "up")


@contextmanager
def two_hosts() -> Iterator[tuple[Host, Host]]:
    """Yield both ends of a cable. Raises NotPermitted."""
    number = os.getpid()
    ends = [Host(f"po-{end}-{number}", f"po{end}{number}", f"10.203.57.{last}") for end, last in (("a", 1), ("b", 2))]
    made: list[Host] = []
    try:
        for host in ends:
            _ip("netns", "add", host.name)
            made.append(host)
        first, second = ends
        _ip("-n", first.name, "link", "add", first.cable, "type", "veth", "peer", second.cable, "netns", second.name)
        for host in ends:
            _ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", host.cable)
            _ip("-n", host.name, "link", "set", "lo", "up")
            host.mend()
        yield first, second
    finally:
        for host in made:
            _ip("netns", "del", host.name)


def _ip(*words: str) -> None:
    command: Sequence[str] = ["ip", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NotPermitted("there is no command `ip`; install iproute2") from error
    if done.returncode != 0:
        raise NotPermitted(f"{' '.join(command)}: {done.stderr.strip()}")


def _environment(added: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1", **added}
