"""Whether the product itself is well."""

import msgspec
import numpy as np

from ... import __version__
from ...config import Config
from ...domain import Cycle
from ...knowledge.audit_watch import audit_trouble
from ..checks import Check, run_checks
from ..doctor import held_fences
from ..fleet_index import fleet_index
from ..liveness import Liveness, liveness
from ..moment import iso
from ..notification_troubles import notification_troubles
from ..route import Answer, Call, Role, Route

MOST_NAMED = 100
STORES = ("state", "samples", "requests")


class RunnerView(msgspec.Struct, frozen=True, kw_only=True):
    """`active`: somebody turns the loop; `here`: this very process does; `holder`: `host:pid:token`, as on the audit.

    A turn begins every `interval_seconds`, as the configuration says.
    """

    active: bool
    holder: str | None
    here: bool
    interval_seconds: float


class StoreView(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is file or server; `bytes` of a file with what belongs to it, null of a server or where it cannot be read."""

    name: str
    kind: str
    bytes: int | None


class FaultView(msgspec.Struct, frozen=True, kw_only=True):
    part: str
    error: str


class RefusalView(msgspec.Struct, frozen=True, kw_only=True):
    plugin_id: str
    metric: str
    reason: str
    count: int


class CycleView(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    at: str | None
    duration_seconds: float
    plugins: int
    samples: int
    faults: tuple[FaultView, ...]
    refusals: tuple[RefusalView, ...]


class HealthView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Without a login only `status` and `version` are there. `stale_plugins` names the first 100; GET /fleet counts them."""

    status: str
    version: str
    runner: RunnerView | None = None
    last_cycle: CycleView | None = None
    stale_plugins: tuple[str, ...] | None = None
    checks: tuple[Check, ...] | None = None
    stores: tuple[StoreView, ...] | None = None


def read_health(call: Call) -> Answer:
    alive = liveness(call.system, call.now)
    trouble = audit_trouble(call.system.state, call.system.config.state_dir)
    hampered = trouble or any(held_fences(call)) or any(notification_troubles(call))
    status = "degraded" if hampered else _status(alive)
    if call.user is None:
        return Answer(HealthView(status=status, version=__version__))
    here = call.system.runner.active
    view = HealthView(
        status=status,
        version=__version__,
        runner=RunnerView(
            active=alive.active,
            holder=_holder(call, alive),
            here=here,
            interval_seconds=call.system.config.engine.interval_seconds,
        ),
        last_cycle=_cycle(alive.cycle) if alive.cycle else None,
        stale_plugins=_stale_plugins(call),
        checks=tuple(run_checks(call)),
        stores=tuple(_store(call.system.config, name) for name in STORES),
    )
    return Answer(view)


def _store(config: Config, name: str) -> StoreView:
    """Return how large a store is, its journal included."""
    if name == "state" and config.engine.state_url and not config.engine.state_url.startswith("sqlite"):
        return StoreView(name=name, kind="server", bytes=None)
    try:
        sizes = [path.stat().st_size for path in config.state_dir.glob(f"{name}.db*")]
    except OSError:
        sizes = []
    return StoreView(name=name, kind="file", bytes=sum(sizes) if sizes else None)


def _stale_plugins(call: Call) -> tuple[str, ...]:
    index = fleet_index(call.system)
    places = np.flatnonzero(index.stale(call.now))[:MOST_NAMED]
    return tuple(index.rows[place][0].plugin_id for place in places.tolist())


def _status(alive: Liveness) -> str:
    if alive.cycle is None:
        return "starting" if alive.active else "degraded"
    return "ok" if alive.active and not alive.cycle.faults else "degraded"


def _holder(call: Call, alive: Liveness) -> str | None:
    """Return who took the lease last, None where nobody runs."""
    return call.system.state.lease_holder() if alive.active else None


def _cycle(cycle: Cycle) -> CycleView:
    return CycleView(
        number=cycle.number,
        at=iso(cycle.at),
        duration_seconds=cycle.duration_seconds,
        plugins=cycle.plugins,
        samples=cycle.samples,
        faults=tuple(FaultView(part=f.part, error=f.error) for f in cycle.faults),
        refusals=tuple(
            RefusalView(plugin_id=r.plugin_id, metric=r.metric, reason=r.reason, count=r.count) for r in cycle.refusals
        ),
    )


ROUTES = (Route("GET", "/health", Role.NOBODY, read_health, "Tell whether the product is well", HealthView),)
