"""P32: whatever is done to the audit behind the product's back is found.

Each trial copies the file of a state with real entries, changes the copy by plain SQL at places drawn from a seed, and
asks the product. A change that leaves the table as it was is no change and is drawn again.
"""

import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from plugin_optimizer.domain import Conflict
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.knowledge.state.chain import FIRST_DIGEST, digest_of
from tests.knowledge.lives import TO_SUCCEEDED, claimed, rolled_back, walk
from tests.knowledge.proposals import NOW, proposal

from .promise import Measured

ENTRIES = 120
GATE, DEEP = 100, 1_000
COLUMNS = ("number", "at", "actor", "action", "subject", "detail", "digest")
Rows = list[tuple[object, ...]]
Tamper = Callable[[sqlite3.Connection, random.Random], None]


def measure(deep: bool) -> list[Measured]:
    trials = DEEP if deep else GATE
    with tempfile.TemporaryDirectory() as name:
        original = Path(name) / "state.db"
        _fill(original)
        found, missed = _tamper_many(original, trials)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
    figure = f"{found.total()} of {trials} found" + (f"; missed {dict(missed)}" if missed else "")
    return [Measured("P32 audit", f"tampered with behind our back ({told})", figure, "all", found.total() == trials)]


def _fill(path: Path) -> None:
    store = open_state(path)
    for number in range(3):
        walk(store, claimed(store, proposal(f"p{number}")), *TO_SUCCEEDED)
        rolled_back(store, proposal(f"q{number}"))
    for number in range(ENTRIES - store.verify_audit()):
        store.save_policy("orders", {"max_workers": number}, "ann", NOW + number)
    store.close()


def _tamper_many(original: Path, trials: int) -> tuple[Counter[str], Counter[str]]:
    """Return how many changes of each kind were found, and how many were not."""
    chance, found, missed = random.Random(32), Counter[str](), Counter[str]()
    copy, kinds = original.with_name("copy.db"), list(KINDS)
    while found.total() + missed.total() < trials:
        kind = kinds[(found.total() + missed.total()) % len(kinds)]
        shutil.copyfile(original, copy)
        if _changed(copy, KINDS[kind], chance):
            (found if _is_found(copy) else missed)[kind] += 1
    return found, missed


def _changed(copy: Path, tamper: Tamper, chance: random.Random) -> bool:
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        before = _rows(connection)
        connection.execute("PRAGMA synchronous=OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")  # they keep honest programs from changing it, not somebody else
        connection.execute("BEGIN")
        tamper(connection, chance)
        connection.execute("COMMIT")
        return _rows(connection) != before


def _is_found(copy: Path) -> bool:
    store = open_state(copy)
    try:
        store.verify_audit()
    except Conflict as conflict:
        return conflict.code == "audit_broken"
    except Exception:  # noqa: BLE001 - an error is not an answer: nobody learns from it that the audit was changed
        return False
    finally:
        store.close()
    return False


def _rows(connection: sqlite3.Connection) -> Rows:
    return connection.execute("SELECT * FROM audit ORDER BY number, digest").fetchall()


def _edit(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Put something else into one column: near the old value, or of another kind altogether."""
    column, number = chance.choice(COLUMNS), chance.randint(1, ENTRIES)
    new = chance.choice(
        [f"{column} || 'x'", f"substr({column}, 2)", f"{column} + 1", "''", "'kim'", "-1", "1e300", "x'ff00'", "'NaN'"]
    )
    connection.execute(f"UPDATE OR IGNORE audit SET {column} = {new} WHERE number = ?", (number,))


def _delete(connection: sqlite3.Connection, chance: random.Random) -> None:
    for number in chance.sample(range(1, ENTRIES + 1), chance.randint(1, 5)):
        connection.execute("DELETE FROM audit WHERE number = ?", (number,))


def _close_ranks(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Remove one and renumber those behind."""
    number = chance.randint(1, ENTRIES)
    connection.execute("DELETE FROM audit WHERE number = ?", (number,))
    for behind in range(number + 1, ENTRIES + 1):
        connection.execute("UPDATE audit SET number = number - 1 WHERE number = ?", (behind,))


def _swap(connection: sqlite3.Connection, chance: random.Random) -> None:
    one, other = chance.sample(range(1, ENTRIES + 1), 2)
    for new, old in ((-1, one), (one, other), (other, -1)):
        connection.execute("UPDATE audit SET number = ? WHERE number = ?", (new, old))


def _insert(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Copy an entry to another number: in front, behind, far away, or into a gap that is made for it."""
    number, source = (
        chance.choice([0, -5, ENTRIES + 1, ENTRIES + 900, chance.randint(1, ENTRIES)]),
        chance.randint(1, ENTRIES),
    )
    row = connection.execute("SELECT * FROM audit WHERE number = ?", (source,)).fetchone()
    for behind in range(ENTRIES, number - 1, -1) if number > 0 else ():
        connection.execute("UPDATE audit SET number = number + 1 WHERE number = ?", (behind,))
    connection.execute("INSERT INTO audit VALUES (?,?,?,?,?,?,?)", (number, *row[1:]))


def _cut(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute("DELETE FROM audit WHERE number > ?", (chance.randint(0, ENTRIES - 1),))


def _forge(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Change one entry and compute all digests behind it anew, as somebody would who has read the source."""
    number = chance.randint(1, ENTRIES)
    connection.execute("UPDATE audit SET actor = 'nobody' WHERE number = ?", (number,))
    digest = FIRST_DIGEST
    for row in connection.execute("SELECT * FROM audit ORDER BY number").fetchall():
        digest = digest_of(digest, *row[:-1])
        connection.execute("UPDATE audit SET digest = ? WHERE number = ?", (digest, row[0]))


KINDS: dict[str, Tamper] = {
    "edits": _edit,
    "deletions": _delete,
    "deletions that close ranks": _close_ranks,
    "swaps": _swap,
    "insertions": _insert,
    "tail truncations": _cut,
    "forged chains": _forge,
}
