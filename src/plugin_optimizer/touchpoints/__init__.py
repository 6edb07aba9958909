"""What is sensed and turned: one touchpoint per kind of managed thing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .blueprint import BlueprintTouchpoint
from .celery import CeleryTouchpoint
from .gunicorn import GunicornTouchpoint
from .hooks import HooksTouchpoint
from .python_process import PythonProcessTouchpoint

# By kind. Each makes a Touchpoint from the directory where probes and engine meet; `Any` since the protocol's kind is
# writable and a frozen dataclass's is not.
TOUCHPOINTS: Mapping[str, Callable[[Path], Any]] = {
    "gunicorn": lambda home: GunicornTouchpoint(home=home),
    "celery": lambda home: CeleryTouchpoint(home=home),
    "python": PythonProcessTouchpoint,
    "blueprint": BlueprintTouchpoint,
    "hooks": HooksTouchpoint,
}
