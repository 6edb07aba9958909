"""The history on the command line."""

import csv
import json
from pathlib import Path

from cli.test_commands import Shell, shell, system
from web.small_system import SmallSystem, finish, offer

from plugin_optimizer.domain import ExecutionState

__all__ = ["shell", "system"]  # fixtures


def executed(system: SmallSystem, shell: Shell, plugin_id: str, state: ExecutionState) -> str:
    accepted = json.loads(shell("execute", offer(system, plugin_id).id, "--json").output)
    finish(system, accepted["execution_id"], state)
    name: str = accepted["execution_id"]
    return name


def test_it_is_searched_and_exported(system: SmallSystem, shell: Shell, tmp_path: Path) -> None:
    """The same filters for the list and the file; a file says how large it is; nothing that fits is said so."""
    kept = executed(system, shell, "orders", ExecutionState.SUCCEEDED)
    undone = executed(system, shell, "menu", ExecutionState.ROLLED_BACK)
    assert undone in shell("history").output
    only_kept = shell("history", "--result", "success", "--by", "admin").output
    assert kept in only_kept
    assert undone not in only_kept
    assert "1 of 2" in shell("history", "--limit", "1").output
    assert "that fits" in shell("history", "--search", "nonsense").output
    said = shell("history", "--export", "csv", "--plugin", "menu", "--output", str(tmp_path / "h.csv")).output
    assert "bytes" in said
    with (tmp_path / "h.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == [undone]
    assert [e["id"] for e in json.loads(shell("history", "--export", "json", "--result", "success").output)] == [kept]
    assert "400" in shell("history", "--since", "monday", code=1).output
