"""Which gunicorn a master runs, read from its own environment: ours may be another one or none."""

import re
from collections.abc import Iterator
from pathlib import Path

from ...domain import Unobservable
from ..process_identity import read_process_file
from .process import Master

Version = tuple[int, ...]

_DISTRIBUTION = re.compile(r"gunicorn-(\d+(?:\.\d+)*).*\.(?:dist|egg)-info")
_PACKAGES = re.compile(r"(/\S*/(?:site|dist)-packages)/")


def installed_version(master: Master) -> Version | None:
    """Return the version (27, 0, 1); None where it cannot be told (nothing found, or two in one place)."""
    for directory in _package_directories(master):
        found = [_DISTRIBUTION.fullmatch(path.name) for path in _entries(directory)]
        versions = {tuple(int(part) for part in match[1].split(".")) for match in found if match}
        if versions:
            return versions.pop() if len(versions) == 1 else None
    return None


def _package_directories(master: Master) -> Iterator[Path]:
    """Yield where its Python looks for packages, in its order: PYTHONPATH, the user's own, its prefix's."""
    for entry in master.environment.get("PYTHONPATH", "").split(":"):
        if entry.startswith("/"):
            yield Path(entry)
    if "HOME" in master.environment:
        yield from sorted(Path(master.environment["HOME"]).glob(".local/lib/python3*/site-packages"))
    for prefix in _prefixes(master):
        yield from _directories_below(prefix)
    yield from _mapped_directories(master.pid)


def _prefixes(master: Master) -> Iterator[Path]:
    """Yield the prefix of its interpreter: that of the virtual environment, so links are not followed."""
    command = master.identity.command
    if master.invocation.arguments is None:
        if "VIRTUAL_ENV" in master.environment:
            yield Path(master.environment["VIRTUAL_ENV"])
        return
    if command[0].startswith("/"):
        yield Path(command[0]).parent.parent
    elif "/" in command[0] and master.directory is not None:
        yield (master.directory / command[0]).parent.parent
    else:
        for entry in master.environment.get("PATH", "").split(":"):
            if entry.startswith("/") and (Path(entry) / command[0]).is_file():
                yield Path(entry).parent
                return


def _directories_below(prefix: Path) -> list[Path]:
    patterns = ("lib*/python3*/site-packages", "local/lib/python3*/dist-packages", "lib/python3*/dist-packages")
    return [path for pattern in patterns for path in sorted(prefix.glob(pattern))]


def _mapped_directories(pid: int) -> list[Path]:
    """Return the package directories of the libraries it has loaded, which even a process title does not hide."""
    try:
        maps = read_process_file(pid, "maps").decode(errors="replace")
    except Unobservable:
        return []
    return [Path(path) for path in dict.fromkeys(_PACKAGES.findall(maps))]


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.glob("gunicorn-*-info"))
    except OSError:
        return []
