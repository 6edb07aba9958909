"""What a turn sees beside samples and requests, kept so that the moment can be thought over again."""

from dataclasses import dataclass

from .change import Knob
from .fleet import Pool


@dataclass(frozen=True, slots=True)
class SeenSettings:
    """How a plugin was set from `at` (Unix seconds) on: its knobs and its pool, on a host with `cores`."""

    at: float
    cores: int
    knobs: tuple[Knob, ...] = ()
    pool: Pool | None = None
