"""Replay of history: what the engine would have suggested and done under a policy, and what that would have saved.

Pure: it is given readers of the past, detectors and planners, and returns a report. Nothing here can act on a plugin.
Read in this order: `question`, `walk`, `report`.
"""

from .question import Question, Requests, Samples, Slab
from .report import Cost, Done, Estimate, Line, Real, Report, WasUnusual
from .walk import Sofar, Walk

__all__ = [
    "Cost",
    "Done",
    "Estimate",
    "Line",
    "Question",
    "Real",
    "Report",
    "Requests",
    "Samples",
    "Slab",
    "Sofar",
    "Walk",
    "WasUnusual",
]
