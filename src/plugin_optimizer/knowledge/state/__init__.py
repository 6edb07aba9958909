"""State: what must never be lost."""

from .store import SqlStateStore, open_state

__all__ = ["SqlStateStore", "open_state"]
