"""What the fields of a policy may be: where checks, forms and documents read their bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

WEEK_SECONDS = 604_800.0
MOST_SWITCHBACK_SECONDS = 1_200.0  # requests are remembered for twice that
MOST_ENTRIES = 100


class PolicyGroup(StrEnum):
    """Fields that are read together, in the order of a form."""

    AUTONOMY = "autonomy"
    OBJECTIVES = "objectives"
    LIMITS = "limits"
    PROOF = "proof"
    CALENDAR = "calendar"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class PolicyField:
    """`minimum` and `maximum` belong to the range, unless `above`: then it lies above the minimum.

    Of texts, `maximum` is how many there may be. None: no bound of its own.
    """

    group: PolicyGroup
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False

    def holds(self, value: float) -> bool:
        """Tell whether a number lies within."""
        if self.minimum is not None and not (value > self.minimum if self.above else value >= self.minimum):
            return False
        return self.maximum is None or value <= self.maximum


_SHARE = PolicyField(PolicyGroup.OBJECTIVES, 0.0, 1.0, above=True)
_WAIT = PolicyField(PolicyGroup.OBJECTIVES, 0.0, WEEK_SECONDS, above=True)
_WORKERS = PolicyField(PolicyGroup.LIMITS, 1, 10_000)
_CONNECTIONS = PolicyField(PolicyGroup.LIMITS, 1, 100_000)
_CALENDAR = PolicyField(PolicyGroup.CALENDAR, maximum=MOST_ENTRIES)

POLICY_FIELDS: Mapping[str, PolicyField] = {
    "mode": PolicyField(PolicyGroup.AUTONOMY),
    "restarts_per_day": PolicyField(PolicyGroup.AUTONOMY, 0, 24),
    "experiments_per_day": PolicyField(PolicyGroup.AUTONOMY, 0, 1_000),
    "response_time_seconds": _WAIT,
    "error_ratio": _SHARE,
    "cpu_ratio": _SHARE,
    "memory_ratio": _SHARE,
    "sustain_seconds": _WAIT,
    "clear_ratio": _SHARE,
    "anomaly_bar": PolicyField(PolicyGroup.OBJECTIVES, 0.25, 100.0),
    "stale_seconds": _WAIT,
    "min_workers": _WORKERS,
    "max_workers": _WORKERS,
    "shrink_floor": _WORKERS,
    "memory_limit_bytes": PolicyField(PolicyGroup.LIMITS, 1e6, 1e15),
    "max_connections": _CONNECTIONS,
    "connections_per_worker": _CONNECTIONS,
    "settle_seconds": PolicyField(PolicyGroup.PROOF, 0.0, WEEK_SECONDS),
    "verify_seconds": PolicyField(PolicyGroup.PROOF, 0.0, WEEK_SECONDS, above=True),
    "switchback_seconds": PolicyField(PolicyGroup.PROOF, 0.0, MOST_SWITCHBACK_SECONDS),
    "cooldown_seconds": PolicyField(PolicyGroup.PROOF, 0.0, WEEK_SECONDS),
    "windows": _CALENDAR,
    "freezes": _CALENDAR,
    "maintenance": _CALENDAR,
    "holidays": _CALENDAR,
    "notify": PolicyField(PolicyGroup.PEOPLE, maximum=MOST_ENTRIES),
}
