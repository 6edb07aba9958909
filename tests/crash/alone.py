"""One engine in a process that can be traced: `python -m tests.crash.alone CASE DIRECTORY` lives until nothing is open."""

import sys
from pathlib import Path

from .case import Case, Room
from .engine import live

if __name__ == "__main__":
    live(Case.parse(sys.argv[1]), Room(Path(sys.argv[2])))
