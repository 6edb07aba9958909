"""The commands that set a suggestion aside."""

from cli.test_commands import Shell, shell, system
from web.small_system import SmallSystem, offer

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
