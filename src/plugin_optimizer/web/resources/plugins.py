"""The plugins: how they are, what can be turned, what went wrong in them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ...domain import Conflict, ErrorGroup, Knob, NotFound, OptimizerError, PluginStatus, SettingChange, parse_plugin_id
from ..fleet import gather
from ..moment import iso
from ..observed_knobs import OBSERVED
from ..paging import Identifier, Limit, next_page
from ..route import Answer, Call, Role, Route, Strict
from ..views.plugin import PluginView, fields_of

CHANGES_SECONDS = 7 * 86_400.0


class KnobView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    value: int | float | str | bool
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    unit: str
    kind: str
    disruption: str
    reversibility: str
    persistent: bool


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


class PluginsQuery(Strict, frozen=True, kw_only=True):
    limit: Limit = 500
    after: Identifier | None = None


def list_plugins(call: Call, query: PluginsQuery) -> Answer:
    """Return by plugin_id; `after` is the last id of the previous page, which need not exist any more."""
    rows = sorted(plugin.plugin_id for plugin, _, _ in call.system.state.plugins())
    rows = [name for name in rows if query.after is None or name > query.after]
    names = frozenset(rows[: query.limit])
    views = [PluginView(**fields_of(facts, call.lang)) for facts in gather(call, names)]
    return Answer(views, headers=next_page(rows[query.limit - 1] if len(rows) > query.limit else None))


def read_plugin(call: Call, plugin_id: str) -> Answer:
    found = gather(call, frozenset({parse_plugin_id(plugin_id)}))
    if not found:
        raise NotFound(f"no plugin is called {plugin_id!r}; GET /plugins lists them")
    policies = call.system.policies()
    since = call.now - CHANGES_SECONDS
    detail: dict[str, Any] = {
        **fields_of(found[0], call.lang),
        "knobs": tuple(_knob(k) for k in OBSERVED.of(call.system, plugin_id)),
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


def _knob(knob: Knob) -> KnobView:
    return KnobView(
        name=knob.name,
        value=knob.value,
        minimum=knob.minimum,
        maximum=knob.maximum,
        choices=knob.choices,
        unit=knob.unit,
        kind=knob.kind,
        disruption=knob.disruption,
        reversibility=knob.reversibility,
        persistent=knob.persistent,
    )


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
