"""What is kept of policies: what people said of all, of groups and of plugins, and which groups they made."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..domain import PluginGroup


class PolicyStore(Protocol):
    """Policies by target: a plugin id, '' for the default, `group:` and a name for those of a group."""

    def policies(self) -> Mapping[str, Mapping[str, object]]:
        """Return the overrides by target."""
        ...

    def save_policy(self, plugin_id: str, overrides: Mapping[str, object], actor: str, at: float) -> None: ...
    def patch_policy(
        self,
        plugin_id: str,
        changes: Mapping[str, object],
        actor: str,
        at: float,
        seen: Mapping[str, object] | None = None,
    ) -> Mapping[str, object]:
        """Change some overrides (None removes one) and return all. Raises Stale where the present are not `seen`."""
        ...

    def groups(self) -> Sequence[PluginGroup]:
        """Return the groups that people made, by name."""
        ...

    def save_group(self, group: PluginGroup, actor: str, at: float, seen: PluginGroup | None) -> None:
        """Make a group, or change it. Raises Stale where the present one is not `seen` (None: there is none yet)."""
        ...

    def remove_group(self, name: str, actor: str, at: float, seen: PluginGroup) -> None:
        """Remove a group and its policy. Raises Stale where the present one is not `seen`."""
        ...
