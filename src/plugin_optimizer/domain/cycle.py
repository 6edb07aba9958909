"""The record of one turn of the loop."""

from dataclasses import dataclass, field

from .finding import Finding
from .suggestion import Silence


@dataclass(frozen=True, slots=True)
class Fault:
    """One of our own parts raised; the loop went on without it."""

    part: str
    error: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The data gate kept samples out: how many, of what, and why (a reason code)."""

    plugin_id: str
    metric: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """What was seen, thought and done in one turn. Times in Unix seconds, durations in seconds."""

    number: int
    at: float
    duration_seconds: float
    plugins: int
    samples: int
    findings: tuple[Finding, ...] = field(default=())
    suggestions: int = 0
    silences: tuple[Silence, ...] = field(default=())
    refusals: tuple[Refusal, ...] = field(default=())
    faults: tuple[Fault, ...] = field(default=())
