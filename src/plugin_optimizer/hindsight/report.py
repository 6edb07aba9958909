"""What a replay says: line by line what would have been suggested, done and saved, and what really happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..domain import Fault, Message, Mode, Proposal, Unusual, Value, Verdict


@dataclass(frozen=True, slots=True)
class Estimate:
    """The recorded requests under another number of workers. All times in seconds.

    `p95_seconds` and `mean_seconds` are (as recorded, replayed); `p95_range` and `mean_range` hold the replayed figure
    with probability 0.8. `slow_minutes` are the minutes whose p95 broke the SLO (as recorded, replayed), scaled up from
    `replayed` of `stretches` ten-minute stretches; `slow_range` those replayed at the ends of the range.
    """

    requests: int
    stretches: int
    replayed: int
    p95_seconds: tuple[float, float]
    p95_range: tuple[float, float]
    mean_seconds: tuple[float, float]
    mean_range: tuple[float, float]
    slow_minutes: tuple[float, float]
    slow_range: tuple[float, float]

    @property
    def avoided_minutes(self) -> float:
        """Return the minutes over the SLO that the change avoids; below 0 where it makes some."""
        return self.slow_minutes[0] - self.slow_minutes[1]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a change of workers takes (above 0) or gives back (below 0) while it stands.

    `memory_bytes` is (expected, low, high), None where the size of a worker is not known.
    """

    hours: float
    worker_hours: float
    memory_bytes: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Done:
    """A change that automatic mode would have made. `kept` is None while it was not yet judged at the end.

    `assumed`: nothing tells how it would have been judged; it counts as kept. `stood_until`: it was undone then, or the
    recorded setting itself moved, or the replay ends.
    """

    at: float
    change_after: Value
    kept: bool | None
    assumed: bool
    judged_at: float | None
    stood_until: float


@dataclass(frozen=True, slots=True)
class Real:
    """An execution that really happened. `verdict` is None where there was none."""

    execution_id: str
    plugin_id: str
    knob: str
    before: Value
    after: Value
    at: float
    state: str
    approved_by: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Line:
    """One suggestion of the replay: from `opened_at` to `closed_at` (None: still open at the end).

    `refreshed` counts the looks at which it was suggested again. `held` are the reasons for which automatic mode kept from it,
    by code, with how often. `done` is what would have been executed first, `repeated` how often it would have been again.
    `unknown` says why there is no estimate.
    """

    proposal: Proposal
    mode: Mode
    opened_at: float
    closed_at: float | None
    refreshed: int
    by_minutes: bool
    done: Done | None = None
    repeated: int = 0
    held: Mapping[str, int] = field(default_factory=dict)
    held_last: Message | None = None
    estimate: Estimate | None = None
    unknown: Message | None = None
    cost: Cost | None = None
    real: tuple[Real, ...] = ()


@dataclass(frozen=True, slots=True)
class Quiet:
    """A plugin without a suggestion: the reason it was silent for most often, of `looks` looks."""

    plugin_id: str
    reason: Message
    looks: int
    of_looks: int


@dataclass(frozen=True, slots=True)
class WasUnusual:
    """An episode as it would have been told at `told_at`; `until` is the last minute that was beyond the bar."""

    unusual: Unusual
    told_at: float
    until: float


@dataclass(frozen=True, slots=True)
class Report:
    """The answer. `others` are real executions that no suggestion of the replay stands for.

    `by_minutes` and `recorded` are the shares of the looks that saw samples by the minute only, and requests of any plugin.
    """

    since: float
    until: float
    every_seconds: float
    looks: int
    by_minutes: float
    recorded: float
    lines: tuple[Line, ...]
    quiet: tuple[Quiet, ...]
    others: tuple[Real, ...]
    faults: tuple[Fault, ...]
    unusual: tuple[WasUnusual, ...] = ()

    @property
    def avoided_minutes(self) -> float | None:
        """Return what the changes that would have been made avoid, as far as it could be estimated; None where nothing was."""
        known = [line.estimate.avoided_minutes for line in self.lines if line.done and line.estimate]
        return sum(known) if known else None

    @property
    def worker_hours(self) -> float:
        """Return the worker-hours that the changes that would have been made take, less those they give back."""
        return sum(line.cost.worker_hours for line in self.lines if line.done and line.cost)
