"""Where response times are compared over time: what the load alone explains of a difference."""

import math
from dataclasses import dataclass

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Outcome
from .judgement import Decided
from .window_series import WindowSeries, gather

LOAD_MOVED = math.log(1.05)


@dataclass(frozen=True, slots=True)
class Load:
    """`moved` is the log of the load after / before, `luck` how far that of the work may lie from it by chance;
    `elasticity` how many per cent one of load makes of response time.

    In a queue of one server R = S / (1 - ρ), so d log R / d log λ = ρ / (1 - ρ) = R / S - 1: response over service
    time says it without knowing ρ. The busier of both times counts.
    """

    moved: float
    luck: float
    elasticity: float

    @classmethod
    def of(
        cls,
        plugin_id: str,
        sides: tuple[Observation, Observation],
        series: tuple[WindowSeries, WindowSeries],
        looked: int,
    ) -> "Load | None":
        """Return the load after the first `looked` windows; None where requests are not counted."""
        if series[0].requests is None or series[1].requests is None:
            return None
        before, after = series[0].requests, series[1].requests[:looked]
        moved = math.log(max(float(after.mean()), 1e-9) / max(float(before.mean()), 1e-9))
        luck = math.sqrt(sum(1 / max(float(requests.sum()), 1.0) for requests in (before, after)))
        return cls(moved, luck, max(_queueing(side, plugin_id) for side in sides))

    def explains_less(self, luck: float = 1.0) -> float:
        """Return by how much (log) response times may be shorter for less load; `luck` is how much chance to allow for."""
        return self.elasticity * max(0.0, luck * self.luck - self.moved)

    @property
    def explains_more(self) -> float:
        return self.elasticity * max(0.0, self.luck + self.moved)


def load_explains(load: Load | None, decided: Decided, goal: Goal) -> tuple[Message, ...]:
    """Object where more load would explain a longer latency, or less load one that is not longer."""
    if load is None:
        return ()
    harm, band = decided.look.harm(goal), decided.look.band
    fell, rose = load.moved < -LOAD_MOVED, load.moved > LOAD_MOVED
    against = {
        Outcome.BETTER: fell or harm.high + load.explains_less() >= -band,
        Outcome.SAME: fell or load.explains_less(luck=0.0) > band,
        Outcome.WORSE: rose or harm.low - load.explains_more <= band,
    }
    if not against.get(decided.outcome, False):
        return ()
    return (Message("load_changed", {"effect_ratio": round(math.exp(load.moved), 4)}),)


def _queueing(side: Observation, plugin_id: str) -> float:
    """Return response over service time, less 1; 0 where one of them is not known."""
    if len(side.trace):
        response, service = float(side.trace.sojourn.mean()), float(side.trace.wall.mean())
    else:
        metrics = (Metric.RESPONSE_TIME_SECONDS, Metric.SERVICE_TIME_SECONDS)
        response, service = (gather(side.window, plugin_id, metric, 1).mean for metric in metrics)
    return max(0.0, response / service - 1.0) if service > 0 and response > 0 else 0.0
