"""The plugins: how they are, what can be turned, what went wrong in them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from ...domain import Conflict, ErrorGroup, NotFound, OptimizerError, PluginStatus, SettingChange, parse_plugin_id
from ..fleet import gather, present_values
from ..fleet_index import FleetIndex, fleet_index
from ..fleet_selection import Filter, Places, in_order, places_of
from ..knob_story import knob_stories
from ..moment import iso
from ..observed_knobs import OBSERVED
from ..paging import TOTAL, Identifier, Limit, next_offset, next_page
from ..problem import Problem
from ..route import Answer, Call, Role, Route
from ..views.knob import KnobView, view_knob
from ..views.plugin import PluginView, fields_of
from .fleet import FilterQuery

CHANGES_SECONDS = 7 * 86_400.0
Offset = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Sort = Literal[
    "plugin_id", "-plugin_id", "worst", "cpu_usage", "-cpu_usage", "memory_usage", "-memory_usage", "error_rate",
    "-error_rate", "response_time", "-response_time", "response_time_p95_seconds", "-response_time_p95_seconds",
    "workers", "-workers",
]  # fmt: skip


class ErrorView(msgspec.Struct, frozen=True, kw_only=True):
    """`fingerprint` is hexadecimal: JSON readers do not keep 64-bit numbers."""

    fingerprint: str
    exception: str
    message: str
    frames: tuple[str, ...]
    first_seen: str | None
    last_seen: str | None


class SettingChangeView(msgspec.Struct, frozen=True, kw_only=True):
    knob: str
    before: int | float | str | bool
    after: int | float | str | bool
    at: str | None
    by: str


class PluginDetail(PluginView, frozen=True, kw_only=True):
    """`policy_origin` says for each field whether it is the plugin's own or the default."""

    knobs: tuple[KnobView, ...]
    policy: Mapping[str, Any]
    policy_origin: Mapping[str, str]
    setting_changes: tuple[SettingChangeView, ...]
    errors: tuple[ErrorView, ...]


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    plugin_id: str
    forgotten: bool


class PluginsQuery(FilterQuery, frozen=True, kw_only=True):
    """Pages go on by `after` in the order of the names, by `offset` in any other."""

    plugin_id: tuple[Identifier, ...] = ()
    sort: Sort = "plugin_id"
    offset: Offset = 0
    limit: Limit = 500
    after: Identifier | None = None

    @property
    def filter(self) -> Filter:
        return replace(super().filter, plugin_id=self.plugin_id)


def list_plugins(call: Call, query: PluginsQuery) -> Answer:
    """Return a page of those that fit; `after` is the last id of the previous page, which need not exist any more."""
    if query.after is not None and (query.sort != "plugin_id" or query.offset):
        raise Problem(400, "invalid_field", "after goes with the order of plugin_id; use offset, and not both")
    index = fleet_index(call.system)
    ranks = index.ranks(call.now)
    places = places_of(index, query.filter, ranks)
    ordered = in_order(index, places, query.sort, ranks, lambda metric: present_values(call, index, metric))
    names = [index.rows[place][0].plugin_id for place in _page(index, ordered, query).tolist()]
    more, names = names[query.limit :], names[: query.limit]
    views = [PluginView(**fields_of(facts, call.lang)) for facts in gather(call, names)]
    return Answer(views, headers={TOTAL: str(len(ordered)), **_following(query, names, more)})


def _page(index: FleetIndex, ordered: Places, query: PluginsQuery) -> Places:
    """Return the places from where the page begins, one more than it has."""
    begin = query.offset
    if query.after is not None:
        begin = int(np.searchsorted(ordered, bisect_right(index.names, query.after)))
    return ordered[begin : begin + query.limit + 1]


def _following(query: PluginsQuery, names: Sequence[str], more: Sequence[str]) -> Mapping[str, str]:
    if not more:
        return {}
    by_name = query.sort == "plugin_id" and not query.offset
    return next_page(names[-1]) if by_name else next_offset(query.offset + query.limit)


def read_plugin(call: Call, plugin_id: str) -> Answer:
    found = gather(call, [parse_plugin_id(plugin_id)])
    if not found:
        raise NotFound(f"no plugin is called {plugin_id!r}; GET /plugins lists them")
    policies = call.system.policies()
    since = call.now - CHANGES_SECONDS
    knobs = OBSERVED.of(call.system, plugin_id)
    stories = knob_stories(call, plugin_id, knobs, since)
    detail: dict[str, Any] = {
        **fields_of(found[0], call.lang),
        "knobs": tuple(view_knob(k, stories[k.name]) for k in knobs),
        "policy": msgspec.to_builtins(policies.of(plugin_id)),
        "policy_origin": policies.origin(plugin_id),
        "setting_changes": tuple(
            _change(c) for c in call.system.state.setting_changes(since) if c.plugin_id == plugin_id
        ),
        "errors": _errors(call, plugin_id),
    }
    return Answer(PluginDetail(**detail))


def forget_plugin(call: Call, plugin_id: str) -> Answer:
    """Forget a plugin; raises Conflict while it is active, for it would be found again at once."""
    state = call.system.state
    row = next((row for row in state.plugins() if row[0].plugin_id == plugin_id), None)
    if row is None:
        raise NotFound(f"no plugin is called {plugin_id[:80]!r}")
    if row[1] is PluginStatus.ACTIVE:
        raise Conflict(f"{plugin_id} is active; only a plugin that no longer runs can be forgotten")
    state.forget_plugin(plugin_id, call.actor, call.now)
    return Answer(Gone(plugin_id=plugin_id, forgotten=True))


def _errors(call: Call, plugin_id: str) -> tuple[ErrorView, ...]:
    try:
        groups = call.system.errors(plugin_id)
    except OptimizerError:
        return ()
    return tuple(_error(group) for group in groups)


def _error(group: ErrorGroup) -> ErrorView:
    return ErrorView(
        fingerprint=f"{group.fingerprint & (2**64 - 1):016x}",
        exception=group.exception,
        message=group.message,
        frames=group.frames,
        first_seen=iso(group.first_seen),
        last_seen=iso(group.last_seen),
    )


def _change(change: SettingChange) -> SettingChangeView:
    return SettingChangeView(
        knob=change.knob, before=change.before, after=change.after, at=iso(change.at), by=change.by
    )


ROUTES = (
    Route("GET", "/plugins", Role.VIEWER, list_plugins, "List plugins", list[PluginView], PluginsQuery),
    Route("GET", "/plugins/<plugin_id>", Role.VIEWER, read_plugin, "Read a plugin", PluginDetail),
    Route("DELETE", "/plugins/<plugin_id>", Role.ADMIN, forget_plugin, "Forget an inactive plugin", Gone),
)
