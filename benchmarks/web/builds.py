"""Whether the dashboard can be built without a network, how long that takes, and whether it comes out the same."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .figure import Figure, at_most, exactly
from .stage import FRONTEND, Stage

SECONDS = 60.0
# A network namespace of its own with nothing but loopback, over which the bundler's own processes talk.
OFFLINE = "ip link set lo up && exec npm run --silent build"


def builds(_: Stage) -> Iterator[Figure]:
    digests, seconds = [], []
    for _time in range(2):
        with tempfile.TemporaryDirectory(prefix="bench-build-") as name:
            folder = Path(name) / "frontend"
            shutil.copytree(
                FRONTEND,
                folder,
                ignore=shutil.ignore_patterns(".next", "out", ".messages"),
                symlinks=True,
                copy_function=_linked,
            )
            began = time.monotonic()
            subprocess.run(
                ["unshare", "--net", "sh", "-c", OFFLINE], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                env={**os.environ, "NEXT_TELEMETRY_DISABLED": "1"},
            )  # fmt: skip
            seconds.append(time.monotonic() - began)
            digests.append(_digest(folder / "out"))
    yield exactly(
        "two builds from two folders without a network are byte-identical", digests[0] == digests[1], wanted=True
    )
    yield at_most("seconds of the slower build", max(seconds), SECONDS, "s")


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return whole.hexdigest()
