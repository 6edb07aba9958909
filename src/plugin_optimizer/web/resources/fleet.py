"""The fleet in a few numbers, so that nobody reads all plugins to learn whether all is well."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from ...domain import Finding
from ..fleet_index import HEALTHS, FleetIndex, fleet_index
from ..fleet_selection import Filter, counted, places_of, values_of, worst_first
from ..paging import TOTAL, Limit
from ..route import Answer, Call, Role, Route, Strict
from ..views.finding import view_finding

NAMED = 5

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Health = Literal["critical", "inactive", "warning", "unknown", "ok"]
Grouping = Annotated[str, msgspec.Meta(pattern=r"^(touchpoint|label:.{1,100})$")]


class HealthCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many plugins have each health."""

    critical: int
    inactive: int
    warning: int
    unknown: int
    ok: int


class WorstView(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that is not ok; `text` is its weightiest finding, null where it has none."""

    plugin_id: str
    health: str
    stale: bool
    text: str | None


class FleetView(msgspec.Struct, frozen=True, kw_only=True):
    """`worst` names the first few that are not ok; `touchpoints` and `labels` say what can be filtered by."""

    total: int
    health: HealthCounts
    worst: tuple[WorstView, ...]
    open_suggestions: int
    running: int
    touchpoints: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]]


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """`value` is "" for the plugins without such a label."""

    value: str
    total: int
    health: HealthCounts


class FilterQuery(Strict, frozen=True, kw_only=True):
    q: str | None = None
    health: tuple[Health, ...] = ()
    touchpoint: tuple[Word, ...] = ()
    label: tuple[Word, ...] = ()

    @property
    def filter(self) -> Filter:
        return Filter(self.q or "", self.health, self.touchpoint, self.label)


class GroupsQuery(FilterQuery, frozen=True, kw_only=True):
    by: Grouping
    limit: Limit = 500


def read_fleet(call: Call) -> Answer:
    index = fleet_index(call.system)
    ranks = index.ranks(call.now)
    view = FleetView(
        total=len(index),
        health=HealthCounts(**counted(ranks)),
        worst=tuple(_worst(call, index)),
        open_suggestions=sum(index.open_suggestions.values()),
        running=len(index.running),
        touchpoints=index.touchpoints,
        labels=index.labels,
    )
    return Answer(view)


def list_groups(call: Call, query: GroupsQuery) -> Answer:
    """Return the groups of the plugins that fit, the ones with most trouble first; by name among equals."""
    index = fleet_index(call.system)
    ranks = index.ranks(call.now)
    by = ("label", query.by.removeprefix("label:")) if query.by.startswith("label:") else ("touchpoint",)
    groups = values_of(index, places_of(index, query.filter, ranks), by)
    views = [
        GroupView(value=value, total=len(places), health=HealthCounts(**counted(ranks[places])))
        for value, places in groups.items()
    ]
    views.sort(key=_trouble)
    return Answer(views[: query.limit], headers={TOTAL: str(len(views))})


def _trouble(group: GroupView) -> tuple[object, ...]:
    health = group.health
    return (-health.critical, -health.inactive, -health.warning, -health.unknown, group.value)


def _worst(call: Call, index: FleetIndex) -> Iterable[WorstView]:
    ranks, stale = index.ranks(call.now), index.stale(call.now)
    troubled = places_of(index, Filter(health=HEALTHS[:-1]), ranks)
    for place in worst_first(index, troubled, ranks)[:NAMED].tolist():
        name = index.rows[place][0].plugin_id
        yield WorstView(
            plugin_id=name,
            health=HEALTHS[ranks[place]],
            stale=bool(stale[place]),
            text=_text(index.findings.get(name, ()), call.lang),
        )


def _text(findings: Sequence[Finding], lang: str) -> str | None:
    return view_finding(findings[0], lang).text if findings else None


ROUTES = (
    Route("GET", "/fleet", Role.VIEWER, read_fleet, "Sum up the plugins", FleetView),
    Route(
        "GET", "/fleet/groups", Role.VIEWER, list_groups, "Sum up the plugins by a label", list[GroupView], GroupsQuery
    ),
)
