"""What a change would mean right now, before anything is saved: whose policy would be another one, and whose would not."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from ..domain import Policies, group_named
from ..execute.policy_layers import changed_plugins
from .policy_change import Layers
from .views.policy import DEFAULT

MOST_PLUGINS = 200
Fields = Mapping[str, tuple[object, object]]


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    before: Any
    after: Any


class ChangedPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """`fields` are those whose value would be another one."""

    plugin_id: str
    fields: Mapping[str, FieldChange]


class KeptPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that something nearer to it decides for: by field `plugin` or `group:NAME`."""

    plugin_id: str
    origin: Mapping[str, str]


class ConsequencesView(msgspec.Struct, frozen=True, kw_only=True):
    """`changed` plugins would get another policy, `kept` ones are meant, too, and keep theirs; at most 200 of each are listed.

    `joining` and `leaving` are the plugins that a change of a group would take in and let go.
    """

    plugin_id: str
    changed: int
    kept: int
    plugins: tuple[ChangedPlugin, ...]
    keeping: tuple[KeptPlugin, ...]
    joining: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()


def consequences(before: Layers, after: Layers, given: AbstractSet[str]) -> ConsequencesView:
    """Return what becomes of every plugin; `given` are the fields of the target that are changed."""
    now, then = before.policies(), after.policies()
    names = [plugin.plugin_id for plugin in after.members.plugins]
    changed = dict(changed_plugins(now, then, names))
    kept = list(_kept(before.target, then, [name for name in names if name not in changed], given))
    group = group_named(before.target)
    was, will = (set() if group is None else _members(policies, group) for policies in (now, then))
    return ConsequencesView(
        plugin_id=before.target or DEFAULT,
        changed=len(changed),
        kept=len(kept),
        plugins=tuple(_changed(name, changed[name]) for name in sorted(changed)[:MOST_PLUGINS]),
        keeping=tuple(kept[:MOST_PLUGINS]),
        joining=tuple(sorted(will - was)[:MOST_PLUGINS]),
        leaving=tuple(sorted(was - will)[:MOST_PLUGINS]),
    )


def _members(policies: Policies, group: str) -> set[str]:
    return {plugin_id for plugin_id, names in policies.groups.items() if group in names}


def _kept(target: str, policies: Policies, names: Sequence[str], given: AbstractSet[str]) -> Iterator[KeptPlugin]:
    """Yield the plugins that the target speaks for in vain, where something nearer gives all of the fields."""
    group = group_named(target)
    if not given or (target and group is None):
        return
    for plugin_id in names:
        if group is not None and group not in policies.groups.get(plugin_id, ()):
            continue
        origins = {name: policies.origin(plugin_id)[name] for name in sorted(given)}
        if all(origin not in {target, DEFAULT} for origin in origins.values()):
            yield KeptPlugin(plugin_id=plugin_id, origin=origins)


def _changed(plugin_id: str, fields: Fields) -> ChangedPlugin:
    return ChangedPlugin(
        plugin_id=plugin_id,
        fields={name: FieldChange(before=b, after=a) for name, (b, a) in sorted(fields.items())},
    )
