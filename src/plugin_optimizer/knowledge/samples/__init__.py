"""Samples: what was measured, getting coarser with age."""

from pathlib import Path

from .retention import Retention
from .store import SqliteSampleStore


def open_samples(path: str | Path) -> SqliteSampleStore:
    """Open or create the sample file. Raises ConfigError where it cannot be kept safely."""
    return SqliteSampleStore(Path(path))


__all__ = ["Retention", "SqliteSampleStore", "open_samples"]
