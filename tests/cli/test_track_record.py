"""The command that shows how changes turned out."""

import json

from cli.test_commands import Shell, shell, system  # noqa: F401 - fixtures
from web.ended import lived
from web.small_system import SmallSystem, add_plugin


def test_nothing_executed_is_said_in_one_sentence(shell: Shell) -> None:  # noqa: F811
    """Exit code 0."""
    assert "nothing has been executed yet" in shell("track-record").output


def test_changes_are_counted_by_kind_with_their_verdicts(system: SmallSystem, shell: Shell) -> None:  # noqa: F811
    """As a table and as the API's own JSON, of one plugin, since a time; a time that is none is refused."""
    add_plugin(system)
    lived(system, 0.31)
    lived(system, 0.6)
    shown = shell("track-record").output
    assert "2 better" in shown
    kinds = json.loads(shell("track-record", "--json", "--since", "1h").output)["kinds"]
    assert [(kind["suggestion_type"], kind["kept"]) for kind in kinds] == [("increase_workers", 2)]
    assert json.loads(shell("track-record", "--json", "--until", "1h").output)["kinds"] == []
    assert "nothing" in shell("track-record", "--plugin", "nobody").output
    assert "for example 90m" in shell("track-record", "--since", "soon", code=2).output
