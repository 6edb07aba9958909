"""Plugins that share a policy because of what they are, not because somebody listed them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .errors import InvalidValue
from .plugin import Plugin

GROUP_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
NAME_PATTERN = re.compile(r"[a-z0-9._*?!\[\]-]{1,63}")
TARGET_PREFIX = "group:"  # no plugin id holds a colon
MOST_CONDITIONS = 100  # of one sort
MOST_PRIORITY = 1_000


@dataclass(frozen=True, slots=True)
class PluginGroup:
    """Every plugin that meets all conditions: one of the `kinds`, all of the `labels`, one of the `names`.

    `kinds` are touchpoints, `names` patterns of plugin ids (`shop-*`). What is empty asks for nothing. Where a plugin is in
    several groups, a value of the higher `priority` wins, of equal ones that of the name which comes first.
    Raises InvalidValue: no name, no condition at all, a pattern that no plugin id could fit.
    """

    name: str
    priority: int = 0  # of several groups the higher one's values win, of equals the first by name
    kinds: tuple[str, ...] = ()  # of touchpoint, as "gunicorn"; one of them; none: any
    labels: Mapping[str, str] = field(default_factory=dict)  # as { team = "shop" }; all of them
    names: tuple[str, ...] = ()  # patterns of plugin ids, as "shop-*"; one of them; none: any

    def __post_init__(self) -> None:
        if not GROUP_NAME.fullmatch(self.name):
            raise InvalidValue(
                f"{self.name[:80]!r} is no name of a group; expected 1 to 40 characters of a-z, 0-9, '.', '_', '-', "
                "beginning with a letter or digit"
            )
        if not (self.kinds or self.labels or self.names):
            raise InvalidValue(
                "a group needs a condition: kinds, labels or names; for all plugins there is the default"
            )
        if max(len(self.kinds), len(self.labels), len(self.names)) > MOST_CONDITIONS:
            raise InvalidValue(f"a group has at most {MOST_CONDITIONS} kinds, labels and names each")
        if abs(self.priority) > MOST_PRIORITY:
            raise InvalidValue(f"priority is {self.priority}; expected -{MOST_PRIORITY} to {MOST_PRIORITY}")
        for pattern in self.names:
            if not NAME_PATTERN.fullmatch(pattern):
                raise InvalidValue(f"{pattern[:80]!r} is no pattern of plugin ids; expected for example shop-*")

    def holds(self, plugin: Plugin) -> bool:
        """Tell whether the plugin belongs to it."""
        return (
            (not self.kinds or plugin.touchpoint in self.kinds)
            and all(plugin.labels.get(key) == value for key, value in self.labels.items())
            and (not self.names or any(fnmatchcase(plugin.plugin_id, pattern) for pattern in self.names))
        )


def by_precedence(groups: Iterable[PluginGroup]) -> Sequence[PluginGroup]:
    """Return the groups with the one whose values win first."""
    return sorted(groups, key=lambda group: (-group.priority, group.name))


def group_target(name: str) -> str:
    """Return under which name the policy of a group stands beside those of plugins."""
    return TARGET_PREFIX + name


def group_named(target: str) -> str | None:
    """Return the group whose policy stands under `target`; None where that is a plugin's or the default."""
    return target.removeprefix(TARGET_PREFIX) if target.startswith(TARGET_PREFIX) else None
