"""From what was counted of requests to our metrics: how many, how long they took, how many failed."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...domain import Metric
from ...models.histogram import Histogram, merged
from .increases import Increase
from .meaning import Meaning

QUANTILES = (
    (Metric.RESPONSE_TIME_P50_SECONDS, 0.50),
    (Metric.RESPONSE_TIME_P95_SECONDS, 0.95),
    (Metric.RESPONSE_TIME_P99_SECONDS, 0.99),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """The requests that were completed in the `seconds` before `at`. `failed` is NaN where nobody tells."""

    at: float
    seconds: float
    count: float
    failed: float
    durations: Histogram | None

    def figures(self) -> Iterator[tuple[Metric, float]]:
        """Yield what they say of how requests are served; nothing where there were none."""
        if not self.count:
            return
        if not math.isnan(self.failed):
            yield Metric.ERROR_RATIO, min(1.0, self.failed / self.count)
        if self.durations is None or not self.durations.count:
            return
        yield Metric.RESPONSE_TIME_SECONDS, self.durations.mean
        yield Metric.SERVICE_TIME_SECONDS, self.durations.mean
        for metric, share in QUANTILES:
            value = self.durations.quantile(share)
            if not math.isnan(value):
                yield metric, value


def counted(increases: Sequence[Increase], durations: str | None, counts: str | None) -> Counted | None:
    """Return the requests that these increases tell of; None for none.

    `durations` and `counts` name the metrics that are believed: the one that knows durations counts, and of the two
    the first that tells statuses apart says how many failed; else a counter of errors.
    """
    timed = [each for each in increases if each.point.name == durations and each.durations is not None]
    told = [each for each in increases if each.point.name == counts]
    source = timed or told
    if not source:
        return None
    count, at = sum(each.number for each in source), max(each.point.at for each in source)
    return Counted(
        at=at,
        seconds=at - min(each.point.at - each.seconds for each in source),
        count=count,
        failed=_failed(count, timed, told, [e for e in increases if e.point.meaning == Meaning.ERROR_COUNT]),
        durations=merged(each.durations for each in timed if each.durations is not None),
    )


def _failed(count: float, timed: Iterable[Increase], told: Iterable[Increase], errors: Sequence[Increase]) -> float:
    """Return how many of `count` requests failed; NaN where nobody tells."""
    for source in (timed, told):
        known = [each for each in source if each.point.failed is not None]
        seen = sum(each.number for each in known)
        if seen:
            return count * sum(each.number for each in known if each.point.failed) / seen
        if known and not count:
            return 0.0
    return sum(each.number for each in errors) if errors else math.nan
