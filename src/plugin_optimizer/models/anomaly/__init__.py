"""What is unusual in each series of a fleet, told the moment it happens, from some five hundred bytes a series."""

from .advance import advance
from .alerts import Alerts, Sensitivity, weigh
from .pace import Pace
from .scan import Scan, scan
from .scores import CLASSES, Scores
from .state import State
from .week import hour_of_week

__all__ = [
    "CLASSES",
    "Alerts",
    "Pace",
    "Scan",
    "Scores",
    "Sensitivity",
    "State",
    "advance",
    "hour_of_week",
    "scan",
    "weigh",
]
