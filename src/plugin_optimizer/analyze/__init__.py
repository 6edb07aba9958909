"""Window → findings: one file per detector, vectorised over the fleet, pure."""

from collections.abc import Callable, Mapping
from typing import Any

from .backlog import BacklogDetector
from .breach import BreachDetector
from .burn import BurnDetector
from .cache import CacheDetector
from .cache_server import CacheServerDetector
from .deviation import DeviationDetector
from .error import ErrorDetector
from .inactive import InactiveDetector
from .leak import LeakDetector
from .level import LevelDetector
from .limits import LimitsDetector
from .saturation import SaturationDetector
from .shift import ShiftDetector
from .threshold import ThresholdDetector
from .variance import VarianceDetector
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
    "limits": LimitsDetector,
    "cache": CacheDetector,
    "cache_server": CacheServerDetector,
    "error": ErrorDetector,
    "burn": BurnDetector,
    "breach": BreachDetector,
    "level": LevelDetector,
    "deviation": DeviationDetector,
    "shift": ShiftDetector,
    "variance": VarianceDetector,
}

__all__ = [
    "DETECTORS",
    "BacklogDetector",
    "BreachDetector",
    "BurnDetector",
    "CacheDetector",
    "CacheServerDetector",
    "DeviationDetector",
    "ErrorDetector",
    "InactiveDetector",
    "LeakDetector",
    "LevelDetector",
    "LimitsDetector",
    "SaturationDetector",
    "ShiftDetector",
    "ThresholdDetector",
    "VarianceDetector",
    "WasteDetector",
]
