"""What the product remembers: state that must never be lost, and samples that get coarser with age."""

from .inbox import SqliteInbox
from .samples import SqliteSampleStore, open_samples
from .state import SqlStateStore, open_state
from .stores import Stores

__all__ = ["SqlStateStore", "SqliteInbox", "SqliteSampleStore", "Stores", "open_samples", "open_state"]
