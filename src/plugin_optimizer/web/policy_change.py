"""A change of a policy as it was asked for: what would be stored, what would be in force, and why it does not fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import UnionType
from typing import Any, get_args

import msgspec

from ..bootstrap import channels_of
from ..domain import (
    InvalidSetting,
    InvalidValue,
    Message,
    NotFound,
    Parameter,
    Policies,
    Policy,
    group_named,
    parse_plugin_id,
    parse_route,
)
from ..execute.policy_layers import Clash, Membership, Overrides, group_policy, merge_policies
from ..wording import render
from .problem import Problem
from .route import Call, Strict
from .views.policy import DEFAULT, PolicyView, view_policy


def _nullable(field_type: Any) -> Any:
    return field_type if isinstance(field_type, UnionType) and type(None) in get_args(field_type) else field_type | None


PolicyBody: Any = msgspec.defstruct(
    "PolicyBody",
    [(f.name, _nullable(f.type) | msgspec.UnsetType, msgspec.UNSET) for f in fields(Policy)],
    bases=(Strict,),
    frozen=True,
    kw_only=True,
)


@dataclass(frozen=True, slots=True)
class Layers:
    """The overrides of the configuration and of the store; `target` is the id whose policy is meant, '' = of all."""

    configured: Overrides
    stored: Overrides
    target: str
    members: Membership = field(default_factory=Membership)

    @property
    def seen(self) -> Mapping[str, object]:
        """Return what is stored for the target."""
        return self.stored.get(self.target, {})

    def policies(self, clash: Clash = Clash.LOWERED) -> Policies:
        """Return the policies as they are in force; what only contradicts itself is refused if asked. Raises ConfigError."""
        return merge_policies(self.configured, self.stored, members=self.members, clash=clash)

    def with_target(self, overrides: Mapping[str, object]) -> "Layers":
        """Return the layers with other overrides stored for the target."""
        return replace(self, stored={**self.stored, self.target: overrides})

    def with_members(self, members: Membership) -> "Layers":
        """Return the layers with other groups."""
        return replace(self, members=members)

    def view(self) -> PolicyView:
        groups = self.members.by_plugin().get(self.target, ())
        inherited = self.with_target({}).in_force()
        return view_policy(self.in_force(), inherited, groups, self.configured, self.stored, self.target)

    def in_force(self) -> Policy:
        """Return the policy of the target: of a group that of a plugin in this group alone. Raises ConfigError."""
        group = group_named(self.target)
        if group is not None:
            return group_policy((self.configured, self.stored), group)
        policies = self.policies()
        return policies.of(self.target) if self.target else policies.default


def layers_of(call: Call, target: str) -> Layers:
    """Return the layers for a plugin, a group (`group:NAME`), or for `default`. Raises NotFound, InvalidValue."""
    config, state = call.system.config, call.system.state
    members = config.members(state.groups(), [plugin for plugin, _, _ in state.plugins()])
    layers = Layers(config.policy_overrides, state.policies(), "", members)
    if target == DEFAULT:
        return layers
    group = group_named(target)
    if group is not None:
        if group not in {each.name for each in members.groups}:
            raise NotFound(f"no group is called {group[:80]!r}; GET /groups lists them")
        return replace(layers, target=target)
    parse_plugin_id(target)
    known = {plugin.plugin_id for plugin in members.plugins}
    if target not in known | set(layers.configured) | set(layers.stored):
        raise NotFound(f"no plugin is called {target!r}; use {DEFAULT!r} for the default of all")
    return replace(layers, target=target)


def given_fields(body: Any) -> dict[str, object]:
    """Return the fields that were sent; None takes one back."""
    return {f: getattr(body, f) for f in body.__struct_fields__ if getattr(body, f) is not msgspec.UNSET}


def changed_layers(call: Call, layers: Layers, given: Mapping[str, object]) -> Layers:
    """Return the layers after the change. Raises Problem 400 that names the field and says in words what fits."""
    if given.get("notify"):
        _require_channels(call, given["notify"])
    kept = {name: value for name, value in {**layers.seen, **given}.items() if value is not None}
    changed = layers.with_target(kept)
    require_fit(call, layers, changed)
    return changed


def require_fit(call: Call, present: Layers, changed: Layers) -> None:
    """Raise Problem 400 for what does not fit after a change, unless it did not before, either."""
    try:
        changed.policies(Clash.REFUSED)
    except InvalidSetting as error:
        if error.field != _unfit(present):
            raise _misfit(error, call.lang) from error


def _unfit(layers: Layers) -> str | None:
    try:
        layers.policies(Clash.REFUSED)
    except InvalidSetting as error:
        return error.field
    return None


def _require_channels(call: Call, routes: Any) -> None:
    """A message to nobody is not found out before it is missed."""
    known = channels_of(call.system.config)
    for text in routes:
        try:
            channel = parse_route(text).channel
        except InvalidValue:
            continue  # what cannot be read is refused with the other fields
        if channel not in known:
            params: dict[str, Parameter] = {"given": channel, "known": ", ".join(sorted(known)) or "–"}
            said = f"names the channel {channel!r}, which is not configured; expected one of: {params['known']}"
            raise _misfit(InvalidSetting("notify", Message("policy_no_channel", params), said), call.lang)


def _misfit(error: InvalidSetting, lang: str) -> Problem:
    where, _, field = error.field.rpartition(".")
    kind, _, rest = where.partition(".")
    name = rest.removesuffix(".policy") or None
    text = render(error.message, lang)
    found = {
        "field": field,
        "plugin_id": name if kind == "plugins" else None,
        "group": name if kind == "groups" else None,
        "code": error.message.code,
        "text": text,
    }
    return Problem(400, "invalid_setting", str(error), members={"errors": [found]})
