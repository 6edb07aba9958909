"""Findings → proposals: one file per planner, pure; every prediction comes from a model."""

from collections.abc import Callable, Mapping
from typing import Any

from .cache import CachePlanner
from .cache_server import CacheServerPlanner
from .config import ConfigPlanner
from .error import ErrorPlanner
from .leak import LeakPlanner
from .limits import LimitsPlanner
from .response_time import ResponseTimePlanner
from .restart import RestartPlanner
from .status import StatusPlanner
from .task_queue import TaskQueuePlanner
from .workers import WorkersPlanner

# By name, in the order in which they run. Each makes a Planner; `Any` since the protocol's name is writable and a
# frozen dataclass's is not.
PLANNERS: Mapping[str, Callable[[], Any]] = {
    "status": StatusPlanner,
    "error": ErrorPlanner,
    "workers": WorkersPlanner,
    "task_queue": TaskQueuePlanner,
    "cache": CachePlanner,
    "cache_server": CacheServerPlanner,
    "leak": LeakPlanner,
    "restart": RestartPlanner,
    "limits": LimitsPlanner,
    "config": ConfigPlanner,
    "response_time": ResponseTimePlanner,
}

__all__ = [
    "PLANNERS",
    "CachePlanner",
    "CacheServerPlanner",
    "ConfigPlanner",
    "ErrorPlanner",
    "LeakPlanner",
    "LimitsPlanner",
    "ResponseTimePlanner",
    "RestartPlanner",
    "StatusPlanner",
    "TaskQueuePlanner",
    "WorkersPlanner",
]
