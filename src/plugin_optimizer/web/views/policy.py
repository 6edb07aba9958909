"""Policies as the API shows them: values, where each comes from, and the schema that forms are made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from types import UnionType
from typing import Any, NamedTuple, get_args, get_origin

import msgspec

from ...domain import POLICY_FIELDS, Mode, Policy, group_named, group_target
from ...execute.policy_layers import OF_PLUGIN, Overrides
from ...wording import mode_help, mode_name, policy_field_help, policy_field_name, policy_group_name

DEFAULT = "default"


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
    """`origin`: `plugin`, `group:NAME` or `default`. `source` says who gave a value, `inherited` what it returns to.

    Sources: `built_in`, `file` (the configuration, for all), `default` (here, for all), `group_file`, `group` (here),
    `plugin_file`, `plugin` (here). `source_group` names the group for each field that one gave; `groups` are those the
    plugin belongs to, the one that wins first. `own` are the fields set here, which null takes back.
    """

    plugin_id: str
    policy: Mapping[str, Any]
    origin: Mapping[str, str]
    source: Mapping[str, str]
    source_group: Mapping[str, str]
    groups: tuple[str, ...]
    inherited: Mapping[str, Any]
    own: tuple[str, ...]


class _Layer(NamedTuple):
    """What one place says of a policy; `group` where that is a group."""

    source: str
    group: str | None
    overrides: Mapping[str, object]


def view_policy(
    own: Policy, inherited: Policy, groups: Sequence[str], configured: Overrides, stored: Overrides, target: str
) -> PolicyView:
    """Return the policy of a plugin in `groups`, of a group or ('') of all; `inherited`: without what is stored for it."""
    group = group_named(target)
    layers = list(_layers(configured, stored, target, groups if group is None else (group,)))
    winners = {f.name: next((layer for layer in layers if f.name in layer.overrides), BUILT_IN) for f in fields(Policy)}
    return PolicyView(
        plugin_id=target or DEFAULT,
        policy=msgspec.to_builtins(own),
        origin={name: _origin(layer) for name, layer in winners.items()},
        source={name: layer.source for name, layer in winners.items()},
        source_group={name: layer.group for name, layer in winners.items() if layer.group is not None},
        groups=tuple(groups),
        inherited=msgspec.to_builtins(inherited),
        own=tuple(sorted(stored.get(target, {}))),
    )


BUILT_IN = _Layer("built_in", None, {})


def _layers(configured: Overrides, stored: Overrides, target: str, groups: Sequence[str]) -> Iterator[_Layer]:
    """Yield who has a say, the one that wins first."""
    if target and group_named(target) is None:
        yield _Layer("plugin", None, stored.get(target, {}))
        yield _Layer("plugin_file", None, configured.get(target, {}))
    for name in groups:
        yield _Layer("group", name, stored.get(group_target(name), {}))
        yield _Layer("group_file", name, configured.get(group_target(name), {}))
    yield _Layer("default", None, stored.get("", {}))
    yield _Layer("file", None, configured.get("", {}))


def _origin(layer: _Layer) -> str:
    if layer.group is not None:
        return group_target(layer.group)
    return OF_PLUGIN if layer.source in {"plugin", "plugin_file"} else DEFAULT


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
