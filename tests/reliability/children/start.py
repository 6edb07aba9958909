"""How the processes of measurements are started."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def command(name: str, *arguments: object) -> list[str]:
    """Return the command line of the module `name` of this directory."""
    return [sys.executable, "-m", f"tests.reliability.children.{name}", *map(str, arguments)]


def environment() -> dict[str, str]:
    """Return an environment in which product and tests are found, wherever it is started."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
