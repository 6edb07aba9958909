"""Who works in the back office: the services, how each is run, what is expected of it, how much it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Service:
    """One plugin service. `policy` holds what its owner expects (an SLO, a limit): no fault is named there."""

    name: str
    workers: int
    requests_per_second: float
    policy: Mapping[str, float] = field(default_factory=dict)
    restart: bool = True


SERVICES = (
    Service("orders", 2, 14.0, {"response_time_seconds": 0.6}),
    Service("menu", 2, 10.0, {"response_time_seconds": 0.5}),
    Service("reservations", 2, 8.0, {"response_time_seconds": 0.5, "memory_limit_bytes": 512 * MEBIBYTE}),
    Service("inventory", 2, 12.0, {"response_time_seconds": 0.5}),
    Service("reports", 8, 8.0, {"response_time_seconds": 0.5}),
    Service("recommendations", 2, 20.0, {"response_time_seconds": 0.5}),
    Service("loyalty", 2, 3.0, {"response_time_seconds": 0.5}, restart=False),
)
