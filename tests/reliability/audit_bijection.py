"""P32: one audit entry for each change of state, in the same transaction, over long random lives.

Triggers in the database itself write down what changed in which transaction (`tests/knowledge/bijection.py`); deeds that
are refused are part of the lives.
"""

import random
import tempfile
from pathlib import Path

from plugin_optimizer.knowledge import open_state
from tests.knowledge.bijection import install_witness, live, witnessed

from .promise import Measured

GATE, DEEP = 1_000, 20_000


def measure(deep: bool) -> list[Measured]:
    deeds = DEEP if deep else GATE
    with tempfile.TemporaryDirectory() as name:
        state = open_state(Path(name) / "state.db")
        install_witness(state)
        refused = live(state, deeds, random.Random(23))
        changed, told = witnessed(state)
        chain = state.verify_audit()
        state.close()
    gaps, idle = (changed - told).total(), (told - changed).total()
    what = f"{changed.total()} changes of state in {deeds} random deeds, {refused} refused; {chain} entries fit"
    held = gaps == idle == 0 and changed.total() > deeds // 20
    return [Measured("P32 one entry each", what, f"{gaps} without entry, {idle} without change", "0", held)]
