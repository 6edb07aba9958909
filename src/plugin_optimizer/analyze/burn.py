"""The errors that a promise allows are used up too fast."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..domain import Finding, FindingKind, Fleet, Message, Metric, Policies, Severity, Window
from ..models.error_burn import HOUR, RULES, WINDOWS_SECONDS, burning


@dataclass(frozen=True, slots=True)
class BurnDetector:
    """Finds plugins that fail too often over hours, though no single minute of it may look bad.

    Two windows for each rate (`models.error_burn`): the long one says that it matters, the short one that it goes on.
    Five failures at least. Fails where next to nobody asks: a promise of 0.1 % means little over a hundred requests.
    """

    name: str = "burn"

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        short_of = {long: short for long, short, _ in RULES}
        for plugin_id in window.plugin_ids:
            shares = fleet.error_shares.get(plugin_id)
            allowed = policies.of(plugin_id).error_ratio
            found = burning(shares, allowed) if shares is not None else None
            if shares is None or found is None:
                continue
            rate, long = found
            span = WINDOWS_SECONDS[long]
            told = {"burn_rate": rate, "span_seconds": span, "recent_ratio": shares[short_of[long]]}
            yield Finding(
                plugin_id,
                Metric.ERROR_RATIO,
                FindingKind.BURN,
                Severity.CRITICAL if long == HOUR else Severity.WARNING,
                1.0 - 0.5 / max(1.0, rate),
                fleet.now - span,
                shares[long],
                allowed,
                (Message("errors_burn", told),),
            )
