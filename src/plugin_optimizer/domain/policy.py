"""What is allowed for a plugin, and what is expected of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum


class Mode(StrEnum):
    """How far the engine may go by itself."""

    OBSERVE = "observe"  # measures and finds, suggests nothing
    ADVISE = "advise"  # suggests, executes nothing
    DRY_RUN = "dry_run"  # approvals go through every check and stop before the effect
    APPROVE = "approve"  # one click executes
    AUTOMATIC = "automatic"  # executes low-risk reversible suggestions by itself


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds (the SLO of a plugin), the mode, and the outer bounds of what may be turned.

    Ratios are 0…1, times in seconds. `sustain_seconds`: how long a threshold must be exceeded before it is
    a finding; `clear_ratio`: it is over when the value falls below this share of the threshold.
    """

    mode: Mode = Mode.APPROVE
    cpu_ratio: float = 0.80  # of what the plugin may use
    memory_ratio: float = 0.80  # of its limit
    error_ratio: float = 0.05  # responses with status 500 and above
    response_time_seconds: float = 1.0  # judged on p95
    sustain_seconds: float = 20.0  # above the threshold that long before it is a finding
    clear_ratio: float = 0.9  # over when below this share of the threshold
    anomaly_bar: float = 1.0  # how unusual something has to be to be told: 2 asks for twice as much, 0.5 for half
    stale_seconds: float = 60.0  # older data counts as missing
    memory_limit_bytes: float | None = None  # none: the cgroup's limit, or the host's memory
    max_connections: int | None = None  # of the database, for all workers together; none: no bound known
    connections_per_worker: int | None = None  # pool and overflow of one; none: its knobs of kind `connections`
    min_workers: int = 1
    max_workers: int = 32
    shrink_floor: int = 2  # never suggest fewer: one stuck request must not stop the plugin
    verify_seconds: float = 600.0  # a change that is not proven by then is undone
    switchback_seconds: float = 600.0  # both values in turn, where the judge could not tell, for no longer; 0: never
    settle_seconds: float = 60.0  # at most that long until the judgement begins
    cooldown_seconds: float = 60.0  # no new suggestion that soon after a change
    restarts_per_day: int = (
        1  # of a unit or container that leaks or fails its health check, each approved by a person; 0: none
    )
    experiments_per_day: int = 6  # of a plugin, with knobs that no model can compute; 0: none
    windows: tuple[str, ...] = ()  # changes only then, as "Mon-Fri 22:00-06:00 Asia/Seoul"; none: at any time
    freezes: tuple[str, ...] = ()  # no changes then, as "2026-12-20T00:00/2027-01-02T00:00 Europe/Berlin"
    maintenance: tuple[
        str, ...
    ] = ()  # nothing is learnt or told then, as "Sun 02:00-04:00 Asia/Seoul", or written as a freeze
    holidays: tuple[
        str, ...
    ] = ()  # days unlike others, as "2026-12-25 Asia/Seoul" or "2026-12-24/2026-12-26 Asia/Seoul"
    notify: tuple[str, ...] = ()  # channels told of this plugin, as "ops" or "mail critical" (else from warning on)


@dataclass(frozen=True, slots=True)
class Policies:
    """Policies by plugin, each value knowing where it came from: plugin before group before default.

    `groups` are the names of those a plugin belongs to, the one that wins first; `origins` names for each field that is
    not the default's who gave it: `plugin`, or `group:` and the group's name.
    """

    default: Policy = field(default_factory=Policy)
    by_plugin: Mapping[str, Policy] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    origins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, plugin_id: str) -> Policy:
        return self.by_plugin.get(plugin_id, self.default)

    def origin(self, plugin_id: str) -> Mapping[str, str]:
        """Return for each field of the plugin's policy `plugin`, `group:NAME` or `default`."""
        known = self.origins.get(plugin_id, {})
        return {f.name: known.get(f.name, "default") for f in fields(Policy)}
