"""P32, C24: a database that was cut, set back or forged together with its head is found by its anchors.

Each trial works on a real state with real anchors: its end is cut off behind the product's back, an older copy is put
in its place (as it was, or grown on since), or all of it is forged anew so that the chain verifies in itself. What the
anchors alone must find: the chain and its head are whole in each trial, and that is checked, too. What lies behind the
last anchor is not promised; the trials do not touch only that.
"""

import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.anchors import anchors_of
from plugin_optimizer.knowledge.audit_watch import AuditWatch, audit_trouble
from plugin_optimizer.knowledge.state.chain import FIRST_DIGEST, digest_of

from .promise import Measured

ENTRIES, ANCHORED_EACH = 60, 10
GATE, DEEP = 60, 1_000
EXPECTED = {"audit_behind", "audit_forked"}


def measure(deep: bool) -> list[Measured]:
    trials, chance = DEEP if deep else GATE, random.Random(24)
    found: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        original = Path(name) / "original"
        _fill(original)
        quiet = audit_trouble_of(original) is None
        for number in range(trials):
            kind = ("cut", "older copy", "older copy grown on", "forged anew")[number % 4]
            (found if _is_found(original, Path(name) / "trial", kind, chance) else missed)[kind] += 1
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
    figure = f"{found.total()} of {trials} found" + (f"; missed {dict(missed)}" if missed else "")
    what = f"set back with its head ({told}); no alarm without"
    return [Measured("P32 anchored head", what, figure, "all", quiet and found.total() == trials)]


def audit_trouble_of(directory: Path) -> str | None:
    anchors_of.cache_clear()
    state = open_state(directory / "state.db")
    try:
        trouble = audit_trouble(state, directory)
        state.verify_audit()
        return trouble.code if trouble else None
    finally:
        state.close()


def _fill(directory: Path) -> None:
    state = open_state(directory / "state.db")
    for number in range(ENTRIES):
        _write(state, number, "ann")
        if number % ANCHORED_EACH == ANCHORED_EACH - 1:
            AuditWatch(state, directory).anchor(1_000.0 + number)
    state.close()


def _write(state: SqlStateStore, number: int, by: str) -> None:
    state.save_policy("orders", {"max_workers": number + 1}, by, 1_000.0 + number)


def _is_found(original: Path, trial: Path, kind: str, chance: random.Random) -> bool:
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(original, trial)
    with closing(sqlite3.connect(trial / "state.db", isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        if kind == "forged anew":
            _forge(connection, chance.randrange(1, ENTRIES + 1))
        else:  # a copy of an earlier moment is, to the byte of its chain, what a cut leaves
            _cut(connection, chance.randrange(1, ENTRIES))
    if kind == "older copy grown on":
        _grow(trial, chance)
    return audit_trouble_of(trial) in EXPECTED


def _cut(connection: sqlite3.Connection, last: int) -> None:
    connection.execute("DELETE FROM audit WHERE number > ?", (last,))
    connection.execute(
        "UPDATE head SET audit_number = ?, audit_digest = (SELECT digest FROM audit WHERE number = ?)", (last, last)
    )


def _grow(directory: Path, chance: random.Random) -> None:
    state = open_state(directory / "state.db")
    for number in range(chance.randrange(1, 2 * ENTRIES)):
        _write(state, number, "lee")
    state.close()


def _forge(connection: sqlite3.Connection, place: int) -> None:
    """Change one entry, and make every digest from there on fit."""
    digest = FIRST_DIGEST
    rows = connection.execute("SELECT number, at, actor, action, subject, detail FROM audit ORDER BY number").fetchall()
    connection.execute("BEGIN")
    for number, at, actor, *rest in rows:
        who = "eve" if number == place else actor
        digest = digest_of(digest, number, at, who, *rest)
        connection.execute("UPDATE audit SET actor = ?, digest = ? WHERE number = ?", (who, digest, number))
    connection.execute("UPDATE head SET audit_digest = ?", (digest,))
    connection.execute("COMMIT")
