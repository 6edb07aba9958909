"""Samples: what was measured, getting coarser with age."""

from pathlib import Path

from .retention import Retention
from .slabs import SamplePast, Slab, open_sample_past
from .store import SqliteSampleStore


def open_samples(path: str | Path) -> SqliteSampleStore:
    """Open or create the sample file. Raises ConfigError where it cannot be kept safely."""
    return SqliteSampleStore(Path(path))


__all__ = ["Retention", "SamplePast", "Slab", "SqliteSampleStore", "open_sample_past", "open_samples"]
