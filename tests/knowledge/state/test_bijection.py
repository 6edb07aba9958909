"""One audit entry for each change of state, in the same transaction; none without, none besides."""

import random
from pathlib import Path

from plugin_optimizer.knowledge import open_state
from tests.knowledge.bijection import install_witness, live, witnessed


def test_entries_and_changes_are_one_to_one(tmp_path: Path) -> None:
    """Random lives, refused deeds among them: what the tables saw and what the audit tells is the same, by transaction."""
    state = open_state(tmp_path / "state.db")
    install_witness(state)
    refused = live(state, 600, random.Random(32))
    changed, told = witnessed(state)
    state.close()
    assert changed == told
    assert changed.total() > 100
    assert 10 < refused < 525
    assert {"execution.closed", "suggestion.snoozed"} <= {what for _, what, _ in changed}
    assert {what.partition(".")[0] for _, what, _ in changed} == {"suggestion", "execution"}
