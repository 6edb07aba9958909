"""Recordings: the requests and settings that the engine saw, for a while, so that history can be replayed."""

from .past import RecordedPast, open_recorded_past
from .recorder import RequestRecorder, open_recorder

__all__ = ["RecordedPast", "RequestRecorder", "open_recorded_past", "open_recorder"]
