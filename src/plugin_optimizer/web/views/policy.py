"""Policies as the API shows them: values, where each comes from, and the schema that forms are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec

from ...domain import POLICY_FIELDS, Mode, Policies, Policy
from ...wording import mode_help, mode_name, policy_field_help, policy_field_name, policy_group_name

DEFAULT = "default"
Overrides = Mapping[str, Mapping[str, object]]


class ChoiceView(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    text: str
    help: str


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """`minimum` and `maximum` as the server checks them; `above`: more than the minimum. `nullable`: it may have no value.

    `help` says what the field does, `group_text` what it is read together with.
    """

    name: str
    type: str
    unit: str
    default: int | float | str | tuple[str, ...] | None
    choices: tuple[str, ...]
    text: str
    help: str
    group: str
    group_text: str
    minimum: float | None
    maximum: float | None
    above: bool
    nullable: bool
    options: tuple[ChoiceView, ...]


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """`origin`: whether a value is the plugin's own. `source` says who gave it, `inherited` what it returns to.

    Sources: `built_in`, `file` (the configuration, for all), `default` (here, for all), `plugin_file`, `plugin` (here).
    `own` are the fields set here, which null takes back.
    """

    plugin_id: str
    policy: Mapping[str, Any]
    origin: Mapping[str, str]
    source: Mapping[str, str]
    inherited: Mapping[str, Any]
    own: tuple[str, ...]


def view_policy(
    policies: Policies, without: Policies, configured: Overrides, stored: Overrides, target: str
) -> PolicyView:
    """Return the policy of a plugin ('' = the default of all); `without` are those without what is stored for it."""
    policy = policies.of(target) if target else policies.default
    origin = policies.origin(target) if target else {f.name: DEFAULT for f in fields(Policy)}
    layers = [
        *([("plugin", stored.get(target, {})), ("plugin_file", configured.get(target, {}))] if target else []),
        ("default", stored.get("", {})),
        ("file", configured.get("", {})),
    ]
    source = {f.name: next((name for name, layer in layers if f.name in layer), "built_in") for f in fields(Policy)}
    return PolicyView(
        plugin_id=target or DEFAULT,
        policy=msgspec.to_builtins(policy),
        origin=origin,
        source=source,
        inherited=msgspec.to_builtins(without.of(target) if target else without.default),
        own=tuple(sorted(stored.get(target, {}))),
    )


def view_schema(lang: str) -> Sequence[FieldView]:
    """Return the fields in the order of a form."""
    known = {f.name: f for f in fields(Policy)}
    return [_field(known[name].type, known[name].default, name, lang) for name in POLICY_FIELDS]


def _field(kind: Any, default: Any, name: str, lang: str) -> FieldView:
    rule = POLICY_FIELDS[name]
    return FieldView(
        name=name,
        type=_type_name(kind),
        unit=name.rpartition("_")[2] if name.endswith(("_seconds", "_ratio", "_bytes")) else "",
        default=msgspec.to_builtins(default),
        choices=tuple(Mode) if kind is Mode else (),
        text=policy_field_name(name, lang),
        help=policy_field_help(name, lang),
        group=rule.group,
        group_text=policy_group_name(rule.group, lang),
        minimum=rule.minimum,
        maximum=rule.maximum,
        above=rule.above,
        nullable=isinstance(kind, UnionType) and type(None) in get_args(kind),
        options=tuple(
            ChoiceView(value=mode, text=mode_name(mode, lang), help=mode_help(mode, lang))
            for mode in (Mode if kind is Mode else ())
        ),
    )


def _type_name(kind: Any) -> str:
    if kind is Mode:
        return "choice"
    if get_origin(kind) is tuple:
        return "texts"
    return "integer" if kind is int or int in get_args(kind) else "number"
