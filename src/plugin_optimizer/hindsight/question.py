"""What is asked of history, and what of the past can be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain import Metric, Plugin, Policies, RequestTrace, SeenSettings, Window

MOST_LOOKS = 2_016  # of a replay that names no step: a week by five minutes
STEPS_SECONDS = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0)


class Slab(Protocol):
    """Samples of the whole fleet over a stretch of time."""

    @property
    def step_seconds(self) -> float: ...

    def moment(self, at: float) -> float:
        """Return the time of the last turn at or before `at`, as far as one was there lately; else `at`."""
        ...

    def window(self, end: float, seconds: float) -> Window:
        """Return the grid that ends at `end`, of nothing that was measured later."""
        ...


class Samples(Protocol):
    """The stored samples."""

    def slab(self, plugin_ids: Sequence[str], begin: float, end: float) -> Slab: ...
    def range(
        self, plugin_id: str, metrics: Sequence[Metric], begin: float, end: float, points: int
    ) -> Mapping[Metric, Sequence[tuple[float, float]]]:
        """Return (time, value) pairs as the store would have answered at `end`."""
        ...


class Requests(Protocol):
    """The recorded requests, and how plugins were set."""

    def requests(self, plugin_id: str, begin: float, end: float) -> RequestTrace:
        """Return the requests that arrived in [begin, end), by arrival."""
        ...

    def settings(self, plugin_id: str) -> Sequence[SeenSettings]:
        """Return how a plugin was set, each from its time on, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """From `since` to `until` (Unix seconds), looking every `every_seconds`, under `policies`.

    `plugins` is the whole fleet as it is known, `asked` those that are thought over. `window_seconds` is the recent
    past a turn sees, `interval_seconds` lie between two turns. `cores` are the host's where they were not recorded. `thorough`: planners are asked at every look,
    even where nothing has changed since they answered. `unusual`: also what would have been called unusual.
    """

    since: float
    until: float
    every_seconds: float
    plugins: Mapping[str, Plugin]
    asked: frozenset[str]
    policies: Policies
    window_seconds: float = 600.0
    interval_seconds: float = 5.0
    cores: int = 1
    thorough: bool = False
    unusual: bool = False

    @property
    def looks(self) -> int:
        """Return how many looks there are, besides those just before real executions."""
        return int((self.until - self.since) // self.every_seconds) + 1

    def moments(self, besides: Sequence[float] = ()) -> Iterator[float]:
        """Yield the times to look at, in order: every step, and those of `besides` that lie within."""
        steps = [self.since + n * self.every_seconds for n in range(self.looks)]
        yield from sorted({*steps, *(at for at in besides if self.since <= at <= self.until)})


def default_step(seconds: float) -> float:
    """Return the finest step that looks at a stretch of so many seconds about two thousand times at most."""
    return next((step for step in STEPS_SECONDS if seconds / step <= MOST_LOOKS), STEPS_SECONDS[-1])
