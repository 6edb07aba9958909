"""Whether a reload would bring more than another setting: code on disk that is newer than what runs.

Without `preload_app` new workers load what lies there now. That is a deployment, and nobody asked us for one.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ...domain import Refused
from .process import Master

MOST_FILES = 20_000  # about a fifth of a second
NOT_ITS_CODE = frozenset({"site-packages", "dist-packages", "node_modules", "__pycache__"})


class Codebase(Protocol):
    """What of its settings says where a service's code lies."""

    @property
    def app(self) -> str: ...
    @property
    def preload(self) -> bool: ...
    @property
    def config_path(self) -> Path | None: ...


def check_code(master: Master, settings: Codebase, since: float) -> None:
    """Raise Refused if Python code of the application was changed after `since` (Unix seconds), or if there is too much
    of it to tell. Packages that were installed are not looked at.
    """
    if settings.preload:
        return
    for number, path in enumerate(_sources(master, settings)):
        if number >= MOST_FILES:
            raise Refused(f"there are more than {MOST_FILES} files of code to compare; reload the service yourself")
        if path != settings.config_path and _changed(path) > since:
            raise Refused(
                f"{path} is newer than the workers that run: new workers would deploy it as well. Reload the service "
                "yourself when that is meant, then try again"
            )


def _sources(master: Master, settings: Codebase) -> Iterator[Path]:
    """Yield the application's modules: below its directory, or its package where PYTHONPATH says it lies."""
    module = settings.app.partition(":")[0].partition(".")[0]
    if master.directory is not None:
        yield from _below(master.directory)
    for entry in master.environment.get("PYTHONPATH", "").split(":"):
        if entry.startswith("/") and module and (Path(entry) / module).is_dir():
            yield from _below(Path(entry) / module)


def _below(directory: Path) -> Iterator[Path]:
    for place, directories, files in os.walk(directory):
        directories[:] = [name for name in directories if _may_be_its_own(Path(place) / name)]
        yield from (Path(place) / name for name in files if name.endswith(".py"))


def _may_be_its_own(directory: Path) -> bool:
    hidden = directory.name.startswith(".") or directory.name in NOT_ITS_CODE
    return not hidden and not (directory / "pyvenv.cfg").exists()


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
