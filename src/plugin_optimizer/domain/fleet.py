"""Everything a planner may know, at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .cache_server import CacheServer
from .change import Knob, Value
from .plugin import Plugin, PluginStatus
from .policy import Policy
from .trace import Attributes, CacheTrace, ErrorGroup, RequestTrace
from .trial import Trial
from .unusual import Unusual


@dataclass(frozen=True, slots=True)
class CpuQuota:
    """A limit of a group of processes (CFS bandwidth): `cpu_seconds` in each `period_seconds`, computed on up to `cores` at once."""

    cpu_seconds: float
    period_seconds: float
    cores: float


@dataclass(frozen=True, slots=True)
class Pool:
    """How a plugin serves requests: what the replay model needs to know of the server.

    `kind` is `sync`, `gthread`, `uvicorn`…; `cores` is what it may use in the long run (host or quota); `quota` the limit
    itself where there is one; `reuse_port` splits the queue per process; `spawned` maps each worker's pid to its start
    (Unix seconds).
    """

    kind: str
    workers: int
    threads: int = 1
    cores: float = 1.0
    reuse_port: bool = False
    spawned: Mapping[int, float] = field(default_factory=dict)
    worker_memory_bytes: float = float("nan")
    quota: CpuQuota | None = None


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting of a plugin was seen to change, and not by us (`by` is `outside`) or by an execution."""

    plugin_id: str
    knob: str
    before: Value
    after: Value
    at: float
    by: str = "outside"


@dataclass(frozen=True, slots=True)
class MemoryTrend:
    """How the floor of a plugin's memory moved over the hours from `since` to `until`: by `rise_bytes` ± `error_bytes`.

    `rises`: more than its waves and its wandering make of it. `level_bytes` and `slope` ± `slope_error` (bytes per second)
    are those of the last two hours. `recent_bytes` are its last minutes, oldest first, up to four hours of them; a minute
    that was not measured is as the one before.
    """

    since: float
    until: float
    rise_bytes: float
    error_bytes: float
    rises: bool
    level_bytes: float
    slope: float
    slope_error: float
    recent_bytes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PluginView:
    """One plugin as a planner sees it. Empty traces mean that no probe is there, not that nothing happened."""

    plugin: Plugin
    policy: Policy
    status: PluginStatus = PluginStatus.UNKNOWN
    since: float = 0.0  # when it came into this status; 0 = not known
    knobs: tuple[Knob, ...] = ()
    pool: Pool | None = None
    trace: RequestTrace = field(default_factory=RequestTrace.empty)
    caches: tuple[CacheTrace, ...] = ()
    server: CacheServer | None = None  # of a plugin that is itself a cache
    errors: tuple[ErrorGroup, ...] = ()
    attributes: Mapping[int, Attributes] = field(default_factory=dict)
    setting_changes: tuple[SettingChange, ...] = ()
    in_flight: bool = False  # an execution of this plugin is under way
    rest_until: float = 0.0  # cooling down after an execution
    past_load: tuple[
        tuple[float, float], ...
    ] = ()  # (Unix seconds, requests per second) of the last days, if looked up
    memory_trend: MemoryTrend | None = None  # of the last day, if it was looked up
    trials: tuple[Trial, ...] = ()  # what its changes taught so far, in the order in which they ended

    def knob(self, kind: str) -> Knob | None:
        """Return the first knob of a kind, None where the plugin has none."""
        return next((knob for knob in self.knobs if knob.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Fleet:
    """All plugins at `now` (Unix seconds), seen from a host with `cores`.

    Where the memory of each series is kept: `unusual` is what is not as it used to be, `error_shares` the share of failed
    requests over each window of `models.error_burn`.
    """

    now: float
    cores: int
    views: Mapping[str, PluginView] = field(default_factory=dict)
    unusual: tuple[Unusual, ...] = ()
    error_shares: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
