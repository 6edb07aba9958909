"""Groups of plugins that share a policy: made and changed by admins, or named in the configuration file."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import msgspec

from ...domain import Conflict, InvalidValue, NotFound, PluginGroup, by_precedence, group_target
from ...execute.policy_layers import Membership
from ..consequences import ConsequencesView, consequences
from ..policy_change import Layers, layers_of, require_fit
from ..problem import Problem
from ..revision import require_match
from ..route import BASE, Answer, Call, Role, Route, Strict
from ..views.policy import DEFAULT

Words = tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=63)], ...]
Labels = dict[str, Annotated[str, msgspec.Meta(max_length=200)]]


class GroupBody(Strict, frozen=True, kw_only=True):
    """Who belongs to it: one of the kinds, all of the labels, one of the names; at least one of the three is given."""

    priority: int = 0
    kinds: Words = ()
    labels: Labels = msgspec.field(default_factory=dict)
    names: Words = ()


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is `file` or `here`: only the latter is changed here. `own` is what its policy says, by field.

    `members` are the plugins that belong to it now, each with all of its groups, the one that wins first.
    """

    name: str
    priority: int
    kinds: tuple[str, ...]
    labels: Mapping[str, str]
    names: tuple[str, ...]
    source: str
    own: tuple[str, ...]
    count: int
    members: Mapping[str, tuple[str, ...]] | None
    links: Mapping[str, str]


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    removed: bool


def list_plugin_groups(call: Call) -> Answer:
    """Return the groups, the one whose values win first, without their members."""
    layers = layers_of(call, DEFAULT)
    belonging = layers.members.by_plugin()
    views = [_view(call, group, layers, belonging) for group in by_precedence(layers.members.groups)]
    return Answer([msgspec.structs.replace(view, members=None) for view in views])


def read_plugin_group(call: Call, group_name: str) -> Answer:
    return _answer(call, _named(call, group_name))


def save_plugin_group(call: Call, body: GroupBody, group_name: str) -> Answer:
    """Make a group, or change it.

    Raises Problem 400 for what does not fit, 428 without If-Match where there is one by that name, 412 where it is another
    by now, Conflict where it stands in the file.
    """
    group = _made(group_name, body)
    present = _stored(call, group_name)
    if present is not None:
        require_match(call, group_etag(present))
    elif "If-Match" in call.headers:
        raise Problem(412, "stale", f"there is no group {group_name!r} any more; send no If-Match to make it anew")
    before = layers_of(call, DEFAULT)
    require_fit(call, before, _with(before, group))
    call.system.state.save_group(group, call.actor, call.now, present)
    return _answer(call, group, 200 if present else 201)


def preview_plugin_group(call: Call, body: GroupBody, group_name: str) -> Answer:
    """Tell what making or changing it would mean for which plugins. Raises Problem 400."""
    group = _made(group_name, body)
    _stored(call, group_name)
    before = replace(layers_of(call, DEFAULT), target=group_target(group_name))
    after = _with(before, group)
    require_fit(call, before, after)
    return Answer(consequences(before, after, frozenset(before.seen)))


def remove_plugin_group(call: Call, group_name: str) -> Answer:
    """Remove a group with its policy. Raises NotFound, Conflict, Problem 400, 412, 428."""
    present = _stored(call, group_name)
    if present is None:
        raise NotFound(f"no group is called {group_name[:80]!r}; GET /plugin-groups lists them")
    require_match(call, group_etag(present))
    before = layers_of(call, DEFAULT)
    rest = tuple(group for group in before.members.groups if group.name != group_name)
    require_fit(call, before, before.with_members(Membership(rest, before.members.plugins)))
    call.system.state.remove_group(group_name, call.actor, call.now, present)
    return Answer(Removed(name=group_name, removed=True))


def group_etag(group: PluginGroup) -> str:
    return f'"{hashlib.sha256(msgspec.json.encode(group, order="sorted")).hexdigest()[:16]}"'


def _made(name: str, body: GroupBody) -> PluginGroup:
    try:
        return PluginGroup(name, body.priority, body.kinds, body.labels, body.names)
    except InvalidValue as error:
        raise Problem(400, "invalid_field", str(error)) from error


def _stored(call: Call, name: str) -> PluginGroup | None:
    """Return the group that people made under this name. Raises Conflict where the file has one."""
    if any(group.name == name for group in call.system.config.groups):
        raise Conflict(f"the group {name!r} stands in the configuration file; change it there", "group_in_file")
    return next((group for group in call.system.state.groups() if group.name == name), None)


def _named(call: Call, name: str) -> PluginGroup:
    found = call.system.config.members(call.system.state.groups()).groups
    for group in found:
        if group.name == name:
            return group
    raise NotFound(f"no group is called {name[:80]!r}; GET /plugin-groups lists them")


def _with(layers: Layers, group: PluginGroup) -> Layers:
    others = (each for each in layers.members.groups if each.name != group.name)
    return layers.with_members(Membership((*others, group), layers.members.plugins))


def _answer(call: Call, group: PluginGroup, status: int = 200) -> Answer:
    layers = layers_of(call, DEFAULT)
    view = _view(call, group, layers, layers.members.by_plugin())
    return Answer(view, status, {"ETag": group_etag(group)})


def _view(call: Call, group: PluginGroup, layers: Layers, belonging: Mapping[str, Sequence[str]]) -> GroupView:
    target = group_target(group.name)
    members = {plugin_id: tuple(names) for plugin_id, names in belonging.items() if group.name in names}
    return GroupView(
        name=group.name,
        priority=group.priority,
        kinds=group.kinds,
        labels=group.labels,
        names=group.names,
        source="file" if any(each.name == group.name for each in call.system.config.groups) else "here",
        own=tuple(sorted({*layers.configured.get(target, {}), *layers.stored.get(target, {})})),
        count=len(members),
        members=dict(sorted(members.items())),
        links={"self": f"{BASE}/plugin-groups/{group.name}", "policy": f"{BASE}/policies/{target}"},
    )


ROUTES = (
    Route("GET", "/plugin-groups", Role.VIEWER, list_plugin_groups, "List groups of plugins", list[GroupView]),
    Route("GET", "/plugin-groups/<group_name>", Role.VIEWER, read_plugin_group, "Read a group of plugins", GroupView),
    Route(
        "PUT", "/plugin-groups/<group_name>", Role.ADMIN, save_plugin_group, "Make or change a group of plugins",
        GroupView, body=GroupBody,
    ),
    Route(
        "POST", "/plugin-groups/<group_name>/consequences", Role.ADMIN, preview_plugin_group,
        "Tell what a group of plugins would change", ConsequencesView, body=GroupBody,
    ),
    Route(
        "DELETE", "/plugin-groups/<group_name>", Role.ADMIN, remove_plugin_group, "Remove a group of plugins", Removed
    ),
)  # fmt: skip
