"""What the product remembers: state that must never be lost, and samples that get coarser with age."""

from .samples import SqliteSampleStore, open_samples
from .state import SqlStateStore, open_state

__all__ = ["SqlStateStore", "SqliteSampleStore", "open_samples", "open_state"]
