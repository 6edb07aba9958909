"""The commands that set a suggestion aside."""

from cli.test_commands import Shell, shell, system
from web.small_system import SmallSystem, add_plugin, offer

__all__ = ["shell", "system"]  # fixtures


def test_a_suggestion_is_snoozed_and_woken(system: SmallSystem, shell: Shell) -> None:
    """It says until when; listed under its state; a second wake changes nothing; what is not there is said."""
    suggestion = offer(system)
    said = shell("snooze", suggestion.id, "--hours", "2", "--worse-percent", "50", "--reason", "the sale").output
    assert "until it is 50% worse" in said
    assert "no suggestions" in shell("suggestions").output
    assert suggestion.id in shell("suggestions", "--state", "snoozed").output
    assert "open" in shell("wake", suggestion.id).output
    assert "open" in shell("wake", suggestion.id).output
    assert "404" in shell("wake", "sg_x", code=1).output


def test_a_dry_run_says_what_would_happen_and_changes_nothing(system: SmallSystem, shell: Shell) -> None:
    """Exit code 0 where it would be done, 1 where not, with every check and the course in words."""
    add_plugin(system)
    suggestion = offer(system)
    said = shell("execute", suggestion.id, "--dry-run").output
    assert "Turn workers of orders from 2 to 4" in said
    assert "NO " not in said
    system.known_knobs["orders"] = ()
    refused = shell("execute", suggestion.id, "--dry-run", code=1).output
    assert "NO  Nothing was changed: the setting workers is no longer there" in refused
    assert system.state.executions() == []
