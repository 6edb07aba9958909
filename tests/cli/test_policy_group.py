"""Groups on the command line: made, said for, shown with their members, and removed."""

import time
from pathlib import Path

import pytest
from cli.test_commands import Shell
from cli.test_policy_preview import shell, system
from web.small_system import SmallSystem

from plugin_optimizer.domain import Plugin, PluginStatus

__all__ = ["shell", "system"]
pytestmark = pytest.mark.timeout(300)


def test_a_group_lives_from_making_to_removal(system: SmallSystem, shell: Shell, tmp_path: Path) -> None:
    """Each step says what it changes; a value names the group that gave it."""
    for name, kind in (("cart", "gunicorn"), ("mail", "celery"), ("stock", "gunicorn")):
        system.state.save_plugin(Plugin(name, kind), PluginStatus.ACTIVE, time.time())
    shell("policy", "set", "stock", "max_workers=4")
    tried = shell("policy", "group", "set", "web", "--kind", "gunicorn", "--dry-run").output
    assert "2 would join the group: cart, stock" in tried
    assert system.state.groups() == []
    shell("policy", "group", "set", "web", "--kind", "gunicorn", "--priority", "3")
    told = shell("policy", "consequences", "group:web", "max_workers=9").output
    assert "1 plugins would get another policy" in told
    assert "32 → 9" in told
    assert "their own" in told
    assert system.state.policies() == {"stock": {"max_workers": 4}}
    shell("policy", "set", "group:web", "max_workers=9")
    assert "group web" in shell("policy", "show", "cart").output
    assert "groups, the first wins: web" in shell("policy", "show", "cart").output
    assert "kind gunicorn" in shell("policy", "group", "list").output
    assert "stock" in shell("policy", "group", "show", "web").output
    shell("policy", "group", "set", "web", "--name", "c*")
    assert [group.kinds for group in system.state.groups()] == [()]
    shell("policy", "group", "remove", "web")
    assert system.state.policies() == {"stock": {"max_workers": 4}}
    assert "needs a condition" in shell("policy", "group", "set", "all", code=1).output
    shell("policy", "group", "set", "web", "--label", "team", code=2)
