"""The promises between the rooms of the house. Each is small enough to be kept by one file."""

from .audit import AuditEntry, AuditStanding
from .inbox import Allowance, Inbox, LimitHit, Parcel
from .looking_back import IncidentFilter, LookingBack
from .outbox import Outbox, Placement
from .people import OpenSession, Session, User
from .plugins import Detector, Notifier, Observation, OrdersByName, Planner, RequestSource, Touchpoint, Verifier
from .samples import Recorder, SampleStore
from .state import MOST_OPEN_EXECUTIONS, Desired, HistoryFilter, StateStore

__all__ = [
    "MOST_OPEN_EXECUTIONS",
    "Allowance",
    "AuditEntry",
    "AuditStanding",
    "Desired",
    "Detector",
    "HistoryFilter",
    "Inbox",
    "IncidentFilter",
    "LimitHit",
    "LookingBack",
    "Notifier",
    "Observation",
    "OpenSession",
    "OrdersByName",
    "Outbox",
    "Parcel",
    "Placement",
    "Planner",
    "Recorder",
    "RequestSource",
    "SampleStore",
    "Session",
    "StateStore",
    "Touchpoint",
    "User",
    "Verifier",
]
