"""A change of a policy as it was asked for: what would be stored, what would be in force, and why it does not fit."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import UnionType
from typing import Any, get_args

import msgspec

from ..bootstrap import channels_of
from ..config import merge_policies
from ..domain import (
    InvalidSetting,
    InvalidValue,
    Message,
    NotFound,
    Parameter,
    Policies,
    Policy,
    parse_plugin_id,
    parse_route,
)
from ..wording import render
from .problem import Problem
from .route import Call, Strict
from .views.policy import DEFAULT, Overrides, PolicyView, view_policy


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

    @property
    def seen(self) -> Mapping[str, object]:
        """Return what is stored for the target."""
        return self.stored.get(self.target, {})

    def policies(self) -> Policies:
        """Raises ConfigError."""
        return merge_policies(self.configured, self.stored)

    def with_target(self, overrides: Mapping[str, object]) -> "Layers":
        """Return the layers with other overrides stored for the target."""
        return replace(self, stored={**self.stored, self.target: overrides})

    def view(self) -> PolicyView:
        without = self.with_target({}).policies()
        return view_policy(self.policies(), without, self.configured, self.stored, self.target)


def layers_of(call: Call, plugin_id: str) -> Layers:
    """Return the layers for a plugin, or for `default`. Raises NotFound, InvalidValue."""
    layers = Layers(call.system.config.policy_overrides, call.system.state.policies(), "")
    if plugin_id == DEFAULT:
        return layers
    parse_plugin_id(plugin_id)
    known = {plugin.plugin_id for plugin, _, _ in call.system.state.plugins()}
    if plugin_id not in known | set(layers.configured) | set(layers.stored):
        raise NotFound(f"no plugin is called {plugin_id!r}; use {DEFAULT!r} for the default of all")
    return replace(layers, target=plugin_id)


def given_fields(body: Any) -> dict[str, object]:
    """Return the fields that were sent; None takes one back."""
    return {f: getattr(body, f) for f in body.__struct_fields__ if getattr(body, f) is not msgspec.UNSET}


def changed_layers(call: Call, layers: Layers, given: Mapping[str, object]) -> Layers:
    """Return the layers after the change. Raises Problem 400 that names the field and says in words what fits."""
    if given.get("notify"):
        _require_channels(call, given["notify"])
    kept = {name: value for name, value in {**layers.seen, **given}.items() if value is not None}
    changed = layers.with_target(kept)
    try:
        changed.policies()
    except InvalidSetting as error:
        raise _misfit(error, call.lang) from error
    return changed


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
    _, _, rest = where.partition("plugins.")
    plugin_id = rest.removesuffix(".policy") or None
    text = render(error.message, lang)
    found = {"field": field, "plugin_id": plugin_id, "code": error.message.code, "text": text}
    return Problem(400, "invalid_setting", str(error), members={"errors": [found]})
