"""The command that shows how well predictions held."""

import json

from cli.test_commands import Shell, shell, system  # noqa: F401 - fixtures
from web.ended import lived
from web.small_system import SmallSystem, add_plugin


def test_an_empty_ledger_is_said_to_be_empty(shell: Shell) -> None:  # noqa: F811
    """One sentence, exit code 0."""
    assert "no prediction has met its outcome yet" in shell("calibration").output


def test_the_ledger_as_a_table_and_as_json(system: SmallSystem, shell: Shell) -> None:  # noqa: F811
    """Kinds first, then the latest outcomes, with units and reasons; --json is the API's own."""
    add_plugin(system)
    held, missed = lived(system, 0.31), lived(system, 0.6)
    lived(system, 0.9, method="guard")
    shown = shell("calibration").output
    assert "1 of 2" in shown
    assert "50 %" in shown
    assert "310 ms" in shown
    assert "260 ms – 380 ms" in shown
    assert "not compared: A guard undid it" in shown
    answer = json.loads(shell("calibration", "--json", "--limit", "2").output)
    assert len(answer["entries"]) == 2
    everything = json.loads(shell("calibration", "--json", "--type", "increase_workers").output)["entries"]
    assert {held, missed} < {entry["execution_id"] for entry in everything}
    assert "yes" not in shell("calibration", "--plugin", "nobody").output
    shell("calibration", "--type", "nonsense", code=2)
