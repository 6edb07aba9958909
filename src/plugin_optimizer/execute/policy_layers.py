"""Who says what a policy is: built in, the default of all, groups, the plugin; each in the file and in the state."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

import msgspec

from ..domain import (
    ConfigError,
    InvalidSetting,
    Mode,
    Plugin,
    PluginGroup,
    Policies,
    Policy,
    by_precedence,
    group_target,
)
from .policy_rules import misfits

Overrides = Mapping[str, Mapping[str, object]]  # by plugin id; '' = the default of all, 'group:NAME' = those of a group
FLOORS = ("min_workers", "shrink_floor")
OF_PLUGIN = "plugin"


class Clash(StrEnum):
    """What becomes of values of several groups that fit each by itself, and not together."""

    REFUSED = "refused"  # where somebody is there to be told
    LOWERED = "lowered"  # where a plugin was just found: the upper bound holds, the lower ones give way


@dataclass(frozen=True, slots=True)
class Membership:
    """The groups there are, and the plugins that may belong to them."""

    groups: Sequence[PluginGroup] = ()
    plugins: Iterable[Plugin] = ()

    def by_plugin(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names of each plugin's groups, the one whose values win first; nothing for those in none."""
        ordered = by_precedence(self.groups)
        found = {p.plugin_id: tuple(g.name for g in ordered if g.holds(p)) for p in self.plugins} if ordered else {}
        return {plugin_id: names for plugin_id, names in found.items() if names}


@dataclass(slots=True)
class _Merging:
    """Layers by target, merged; what plugins of the same groups share is computed once."""

    layers: Mapping[str, Mapping[str, object]]
    default: Policy
    clash: Clash
    shared: dict[tuple[str, ...], tuple[Policy, Mapping[str, str]]] = field(default_factory=dict)

    def of_groups(self, names: tuple[str, ...], where: str) -> tuple[Policy, Mapping[str, str]]:
        """Return the policy of a plugin that says nothing of its own, and which group gave which field."""
        if names not in self.shared:
            said: dict[str, object] = {}
            origins: dict[str, str] = {}
            for target in map(group_target, reversed(names)):  # the first has the last word
                own = self.layers.get(target, {})
                said.update(own)
                origins.update(dict.fromkeys(own, target))
            self.shared[names] = (self._fitting(said, where, self.default, names), origins)
        return self.shared[names]

    def of_plugin(self, plugin_id: str, names: tuple[str, ...]) -> tuple[Policy, Mapping[str, str]]:
        where, own = f"plugins.{plugin_id}.policy", self.layers.get(plugin_id, {})
        policy, origins = self.of_groups(names, where)
        if not own:
            return policy, origins
        return self._fitting(own, where, policy, names), {**origins, **dict.fromkeys(own, OF_PLUGIN)}

    def _fitting(self, own: Mapping[str, object], where: str, base: Policy, names: tuple[str, ...]) -> Policy:
        policy = _converted(own, where, base)
        if names and self.clash is Clash.LOWERED:
            policy = replace(policy, **{name: min(getattr(policy, name), policy.max_workers) for name in FLOORS})
        _check(policy, where)
        return policy


def merge_policies(*layers: Overrides, members: Membership | None = None, clash: Clash = Clash.REFUSED) -> Policies:
    """Return the policies that several layers of overrides give.

    Of one target later layers win; what is said of a plugin wins over what is said of its groups, that over what is said of
    all. Raises ConfigError.
    """
    said = {target: _laid_over(layers, target) for layer in layers for target in layer}
    default = parse_policy(said.get("", {}), "policy", Policy())
    merging = _Merging(said, default, clash)
    members = members or Membership()
    if clash is Clash.REFUSED:
        for group in members.groups:
            merging.of_groups((group.name,), f"groups.{group.name}.policy")
    groups = members.by_plugin()
    named = sorted({*groups, *(target for target in said if target and ":" not in target)})
    found = {plugin_id: merging.of_plugin(plugin_id, groups.get(plugin_id, ())) for plugin_id in named}
    return Policies(
        default,
        {plugin_id: policy for plugin_id, (policy, _) in found.items()},
        groups,
        {plugin_id: origins for plugin_id, (_, origins) in found.items()},
    )


def group_policy(layers: Sequence[Overrides], name: str) -> Policy:
    """Return the policy of a plugin that is in this group alone. Raises ConfigError."""
    merging = _Merging(
        {target: _laid_over(layers, target) for target in ("", group_target(name))},
        parse_policy(_laid_over(layers, ""), "policy", Policy()),
        Clash.REFUSED,
    )
    return merging.of_groups((name,), f"groups.{name}.policy")[0]


def parse_policy(overrides: Mapping[str, object], where: str, base: Policy) -> Policy:
    """Return `base` with the given fields changed; raise ConfigError naming the field that does not fit."""
    policy = _converted(overrides, where, base)
    _check(policy, where)
    return policy


def changed_plugins(
    before: Policies, after: Policies, plugin_ids: Iterable[str]
) -> Iterator[tuple[str, Mapping[str, tuple[object, object]]]]:
    """Yield the plugins whose policy would be another one, and by field what it is and would be."""
    same: dict[tuple[int, int], Mapping[str, tuple[object, object]]] = {}  # thousands share a policy
    for plugin_id in plugin_ids:
        one, other = before.of(plugin_id), after.of(plugin_id)
        key = (id(one), id(other))
        if key not in same:
            pairs = {f.name: (getattr(one, f.name), getattr(other, f.name)) for f in fields(Policy)}
            same[key] = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if same[key]:
            yield plugin_id, same[key]


def _laid_over(layers: Sequence[Overrides], target: str) -> Mapping[str, object]:
    for layer in layers:
        if not isinstance(layer.get(target, {}), Mapping):
            raise ConfigError(f"policy of {target or 'all'}: expected a table")
    return {name: value for layer in layers for name, value in layer.get(target, {}).items()}


def _converted(overrides: Mapping[str, object], where: str, base: Policy) -> Policy:
    """Return `base` with the given fields changed, each of its type; raise ConfigError."""
    _known(overrides, where)
    merged = {f.name: overrides.get(f.name, getattr(base, f.name)) for f in fields(Policy)}
    try:
        return msgspec.convert(merged, Policy)
    except msgspec.ValidationError as error:
        modes = f"; expected one of {', '.join(Mode)}" if "$.mode" in str(error) else ""
        raise ConfigError(f"{where}: {error}{modes}") from error


def _check(policy: Policy, where: str) -> None:
    """Raise InvalidSetting for the first field that does not fit."""
    for misfit in misfits(policy):
        raise InvalidSetting(f"{where}.{misfit.field}", misfit.message, misfit.said)


def _known(overrides: Mapping[str, object], where: str) -> None:
    known = [f.name for f in fields(Policy)]
    for name in overrides:
        if name not in known:
            raise ConfigError(f"{where}.{name} is not a setting; known are {', '.join(known)}")
