"""Window → findings: one file per detector, vectorised over the fleet, pure."""

from collections.abc import Callable, Mapping
from typing import Any

from .backlog import BacklogDetector
from .cache import CacheDetector
from .cache_server import CacheServerDetector
from .error import ErrorDetector
from .inactive import InactiveDetector
from .leak import LeakDetector
from .saturation import SaturationDetector
from .threshold import ThresholdDetector
from .waste import WasteDetector

# By name, in the order in which they run. Each makes a Detector; `Any` since the protocol's name is writable and a
# frozen dataclass's is not.
DETECTORS: Mapping[str, Callable[[], Any]] = {
    "inactive": InactiveDetector,
    "threshold": ThresholdDetector,
    "saturation": SaturationDetector,
    "backlog": BacklogDetector,
    "waste": WasteDetector,
    "leak": LeakDetector,
    "cache": CacheDetector,
    "cache_server": CacheServerDetector,
    "error": ErrorDetector,
}

__all__ = [
    "DETECTORS",
    "BacklogDetector",
    "CacheDetector",
    "CacheServerDetector",
    "ErrorDetector",
    "InactiveDetector",
    "LeakDetector",
    "SaturationDetector",
    "ThresholdDetector",
    "WasteDetector",
]
