"""The emergency stop as the agent sees it: it looks at the flag itself, whoever ordered what."""

import os
from collections.abc import Callable
from pathlib import Path

STOP_FILE = "estop"


def stop_flag(state_dir: Path) -> Callable[[], bool]:
    """Return what tells whether the stop is set. Where that cannot be found out, it is."""

    def is_set() -> bool:
        try:
            os.lstat(state_dir / STOP_FILE)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True

    return is_set
