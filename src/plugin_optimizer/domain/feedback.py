"""A person's word that something unusual was no problem."""

from dataclasses import dataclass

from .metric import Metric
from .unusual import Unusualness

MARGIN, LEAST_RAISE, MOST_RAISE = 1.25, 1.5, 4.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """About one kind of deviation of one metric of one plugin; `score` is how unusual it was (1: just worth a word).

    `since` is the onset of what was meant, `at` when it was said (Unix seconds), `undone_at` when it was taken back.
    """

    id: str
    plugin_id: str
    metric: Metric
    kind: Unusualness
    score: float
    since: float
    at: float
    by: str
    reason: str = ""
    undone_at: float | None = None
    undone_by: str | None = None

    @property
    def place(self) -> tuple[str, Metric, Unusualness]:
        """Return what it is about."""
        return self.plugin_id, self.metric, self.kind

    @property
    def raises(self) -> float:
        """Return by what factor the bar rises: a quarter above what was seen, at least half as much again, at most four times."""
        return min(MOST_RAISE, max(LEAST_RAISE, MARGIN * self.score))
