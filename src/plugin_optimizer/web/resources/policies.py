"""What is allowed for a plugin: read by all, changed by admins, each field back to its default by null."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec

from ...config import merge_policies
from ...domain import Mode, NotFound, Policies, Policy, parse_plugin_id
from ...wording import policy_field_name
from ..revision import require_match
from ..route import Answer, Call, Role, Route, Strict

DEFAULT = "default"


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    type: str
    unit: str
    default: int | float | str | tuple[str, ...] | None
    choices: tuple[str, ...]
    text: str


class PoliciesView(msgspec.Struct, frozen=True, kw_only=True):
    default: Mapping[str, Any]
    plugins: Mapping[str, Mapping[str, Any]]
    schema: tuple[FieldView, ...]


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    plugin_id: str
    policy: Mapping[str, Any]
    origin: Mapping[str, str]


def _nullable(field_type: Any) -> Any:
    return field_type if isinstance(field_type, UnionType) and type(None) in get_args(field_type) else field_type | None


PolicyBody: Any = msgspec.defstruct(
    "PolicyBody",
    [(f.name, _nullable(f.type) | msgspec.UnsetType, msgspec.UNSET) for f in fields(Policy)],
    bases=(Strict,),
    frozen=True,
    kw_only=True,
)


def list_policies(call: Call) -> Answer:
    policies = call.system.policies()
    own = {plugin_id: msgspec.to_builtins(policy) for plugin_id, policy in policies.by_plugin.items()}
    view = PoliciesView(default=msgspec.to_builtins(policies.default), plugins=own, schema=tuple(_schema(call.lang)))
    return Answer(view)


def read_policy(call: Call, plugin_id: str) -> Answer:
    return _answer(_view(call.system.policies(), _target(call, plugin_id)))


def change_policy(call: Call, body: Any, plugin_id: str) -> Answer:
    """Store the given fields; null takes a field back.

    Raises ConfigError (400) for what does not fit, Problem 428 without If-Match, 412 where the policy is another by now.
    """
    target = _target(call, plugin_id)
    state, configured = call.system.state, call.system.config.policy_overrides
    stored = state.policies()
    seen = stored.get(target, {})
    require_match(call, _etag(_view(merge_policies(configured, stored), target)))
    given = {f: getattr(body, f) for f in body.__struct_fields__ if getattr(body, f) is not msgspec.UNSET}
    kept = {name: value for name, value in {**seen, **given}.items() if value is not None}
    changed = merge_policies(configured, {**stored, target: kept})
    state.patch_policy(target, msgspec.to_builtins(given), call.actor, call.now, seen)
    return _answer(_view(changed, target))


def _target(call: Call, plugin_id: str) -> str:
    """Return the id under which the store keeps it: '' for the default of all."""
    if plugin_id == DEFAULT:
        return ""
    parse_plugin_id(plugin_id)
    known = {plugin.plugin_id for plugin, _, _ in call.system.state.plugins()}
    if plugin_id not in known | set(call.system.policies().by_plugin):
        raise NotFound(f"no plugin is called {plugin_id!r}; use {DEFAULT!r} for the default of all")
    return plugin_id


def _answer(view: PolicyView) -> Answer:
    return Answer(view, headers={"ETag": _etag(view)})


def _etag(view: PolicyView) -> str:
    """Return the mark of what an administrator sees: it changes with each value and with where it comes from."""
    return f'"{hashlib.sha256(msgspec.json.encode(view, order="sorted")).hexdigest()[:16]}"'


def _view(policies: Policies, target: str) -> PolicyView:
    policy = policies.of(target) if target else policies.default
    origin = policies.origin(target) if target else {f.name: DEFAULT for f in fields(Policy)}
    return PolicyView(plugin_id=target or DEFAULT, policy=msgspec.to_builtins(policy), origin=origin)


def _schema(lang: str) -> Sequence[FieldView]:
    return [
        FieldView(
            name=f.name,
            type=_type_name(f.type),
            unit=f.name.rpartition("_")[2] if f.name.endswith(("_seconds", "_ratio", "_bytes")) else "",
            default=msgspec.to_builtins(f.default),
            choices=tuple(Mode) if f.type is Mode else (),
            text=policy_field_name(f.name, lang),
        )
        for f in fields(Policy)
    ]


def _type_name(field_type: Any) -> str:
    if field_type is Mode:
        return "choice"
    if get_origin(field_type) is tuple:
        return "texts"
    return "integer" if field_type is int else "number"


ROUTES = (
    Route("GET", "/policies", Role.VIEWER, list_policies, "List policies", PoliciesView),
    Route("GET", "/policies/<plugin_id>", Role.VIEWER, read_policy, "Read a policy", PolicyView),
    Route("PATCH", "/policies/<plugin_id>", Role.ADMIN, change_policy, "Change a policy", PolicyView, body=PolicyBody),
)
