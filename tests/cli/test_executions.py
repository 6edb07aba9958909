"""The commands about what the engine is at, and what it gave up."""

import json

from cli.test_commands import Shell, shell, system
from web.small_system import SmallSystem
from web.test_closing import give_up

from plugin_optimizer.domain import ExecutionState

__all__ = ["shell", "system"]  # fixtures


def test_what_needs_somebody_is_listed_and_closed(system: SmallSystem, shell: Shell) -> None:
    """With what runs now and what can be done; a note says why it was closed, and a second word changes nothing."""
    assert "nothing needs you" in shell("executions", "--needs-you").output
    execution = give_up(system)
    give_up(system, "search")
    said = shell("executions", "--needs-you", "--plugin", "orders").output
    assert all(word in said for word in (execution.id, "workers: 2 → 4", "workers is 6 now", "1 of 1"))
    assert "1 of 2" in shell("executions", "--needs-you", "--limit", "1").output
    assert "as meant" in shell("close", execution.id, "--note", "as meant").output
    assert "as meant" in shell("close", execution.id, "--note", "another").output
    assert system.state.count_needing_person("orders") == 0
    assert json.loads(shell("executions", "--needs-you", "--json").output)[0]["plugin_id"] == "search"
    assert "닫으세요" in shell("executions", "--needs-you", "--lang", "ko").output


def test_what_is_under_way_is_listed_and_cannot_be_closed(system: SmallSystem, shell: Shell) -> None:
    """Exit code 1, and the reason in words."""
    assert "nothing is under way" in shell("executions").output
    execution = give_up(system)
    system.state.ask_rollback(execution.id, "ann", 0.0)
    assert "Undo recorded" in shell("executions").output
    assert "not_closable" in shell("close", execution.id, code=1).output
    assert system.state.execution(execution.id).state is ExecutionState.RB_INTENT
