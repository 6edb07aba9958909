"""An audit that was cut or set back together with its head is found by its anchors, and nothing is changed any more."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from plugin_optimizer.domain import ExecutionState
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.anchors import Anchors, anchors_of
from plugin_optimizer.knowledge.audit_verification import verify
from plugin_optimizer.knowledge.audit_watch import ANCHOR_SECONDS, AuditWatch, accept, audit_trouble
from tests.knowledge.lives import TO_SUCCEEDED, claimed, queued, walk
from tests.knowledge.proposals import NOW, proposal


@dataclass
class Place:
    """A state directory with a state, and what can befall it."""

    directory: Path
    state: SqlStateStore

    @property
    def watch(self) -> AuditWatch:
        """A watch that has just been started."""
        return AuditWatch(self.state, self.directory)

    def entries(self, count: int, by: str = "ann") -> None:
        for number in range(count):
            self.state.save_policy("orders", {"max_workers": number + 1}, by, NOW + number)

    def reopen(self) -> None:
        self.state.close()
        self.state = open_state(self.directory / "state.db")

    def save(self) -> None:
        self.state.close()
        shutil.copy(self.directory / "state.db", self.directory / "backup")
        self.reopen()

    def restore(self) -> None:
        self.state.close()
        shutil.copy(self.directory / "backup", self.directory / "state.db")
        self.reopen()

    def sql(self, *statements: str) -> None:
        """Do what the owner of the database can do."""
        with closing(sqlite3.connect(self.directory / "state.db", isolation_level=None)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)

    def trouble(self) -> str | None:
        found = audit_trouble(self.state, self.directory)
        return found.code if found else None


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path, open_state(tmp_path / "state.db"))
    made.entries(10)
    yield made
    made.state.close()


def test_a_cut_that_takes_the_head_along_is_found(place: Place) -> None:
    """The chain itself is whole and verifies; the anchor knows better."""
    place.watch.tend(NOW)
    place.entries(5)
    place.sql(
        "DELETE FROM audit WHERE number > 9",
        "UPDATE head SET audit_number=9, audit_digest=(SELECT digest FROM audit WHERE number=9)",
    )
    assert place.state.verify_audit() == 9
    assert place.trouble() == "audit_behind"
    found = verify(place.state, place.directory)
    assert (found.read_only, found.number, found.trouble and found.trouble.params["anchor_number"]) == (True, 9, 10)


def test_a_restored_backup_is_found(place: Place) -> None:
    """At the next start, and still when the old database has grown past the anchor again."""
    place.save()
    place.entries(20)
    place.watch.tend(NOW)
    place.restore()
    assert place.trouble() == "audit_behind"
    place.entries(40, by="lee")
    assert place.trouble() == "audit_forked"
    assert place.state.verify_audit() == 50


def test_a_rewritten_history_is_found(place: Place) -> None:
    """Somebody with the database forges a whole new chain that verifies in itself."""
    from plugin_optimizer.knowledge.state.chain import FIRST_DIGEST, digest_of

    place.watch.tend(NOW)
    digest, updates = FIRST_DIGEST, []
    for entry in reversed(place.state.audit()):
        detail = '{"overrides":{"max_workers":1}}'
        digest = digest_of(digest, entry.number, entry.at, "eve", entry.action, entry.subject, detail)
        updates.append(
            f"UPDATE audit SET actor='eve', detail='{detail}', digest='{digest}' WHERE number={entry.number}"
        )
    place.sql(*updates, f"UPDATE head SET audit_digest='{digest}'")
    assert place.state.verify_audit() == 10
    assert place.trouble() == "audit_forked"


def test_nothing_is_anchored_over_it(place: Place) -> None:
    """A read-only engine does not make the older world the true one, at start, later or at its end."""
    place.save()
    place.entries(20)
    place.watch.tend(NOW)
    place.restore()
    watch = place.watch
    place.entries(40, by="lee")
    for moment in (NOW, NOW + ANCHOR_SECONDS, NOW + 10 * ANCHOR_SECONDS):
        assert watch.tend(moment) is not None
    watch.anchor(NOW)
    assert Anchors(place.directory).count() == 1


def test_it_is_anchored_at_the_start_every_five_minutes_and_at_the_end(place: Place) -> None:
    """And not more often: an idle turn leaves no line."""
    watch, anchors = place.watch, anchors_of(place.directory)
    watch.tend(NOW)
    assert anchors.last() is not None
    place.entries(1)
    watch.tend(NOW + 1)
    assert anchors.count() == 1
    watch.tend(NOW + ANCHOR_SECONDS)
    assert anchors.count() == 2
    watch.tend(NOW + 2 * ANCHOR_SECONDS)
    assert anchors.count() == 2, "the head is where it was"
    place.entries(1)
    watch.anchor(NOW + 2 * ANCHOR_SECONDS + 1)
    last = anchors.last()
    assert (anchors.count(), last and last.number) == (3, 12)
    assert verify(place.state, place.directory).trouble is None


def test_it_is_anchored_as_soon_as_an_execution_has_ended(place: Place) -> None:
    """Not when it begins; at the first look after its verdict."""
    watch, anchors = place.watch, anchors_of(place.directory)
    watch.tend(NOW)
    execution = claimed(place.state, proposal("orders"))
    watch.tend(NOW + 1)
    assert anchors.count() == 1
    walk(place.state, execution, *TO_SUCCEEDED)
    watch.tend(NOW + 2)
    assert anchors.count() == 2
    watch.tend(NOW + 3)
    assert anchors.count() == 2


def test_a_clock_that_was_set_back_does_not_end_the_anchoring(place: Place) -> None:
    """The next look anchors rather than wait for the old time to come again."""
    watch, anchors = place.watch, anchors_of(place.directory)
    watch.tend(NOW + 86_400)
    place.entries(1)
    watch.tend(NOW)
    assert anchors.count() == 2


def test_a_person_takes_it_as_it_stands(place: Place) -> None:
    """On the audit with who, why and what was found; what had not begun is cancelled; the old anchors are kept."""
    waiting = queued(place.state, proposal("orders"))
    place.save()
    walk(place.state, place.state.claim(waiting.id, "engine", NOW, NOW), *TO_SUCCEEDED)
    place.watch.tend(NOW)
    place.restore()
    trouble = place.watch.tend(NOW)
    assert trouble is not None
    aside = accept(place.state, place.directory, trouble, "kim", "restored on purpose", NOW)
    assert aside is not None
    assert aside.is_dir()
    assert place.watch.tend(NOW + 1) is None
    assert place.state.execution(waiting.id).state is ExecutionState.CANCELLED
    entry = place.state.audit(limit=1)[0]
    assert (entry.action, entry.actor, entry.detail["reason"]) == ("audit.accepted", "kim", "restored on purpose")
    assert "audit_behind" in str(entry.detail["trouble"])
    assert verify(place.state, place.directory).trouble is None


def test_a_change_in_the_chain_is_named_by_the_full_check(place: Place) -> None:
    """The first entry that does not fit, although head and anchor fit."""
    place.watch.tend(NOW)
    place.sql("UPDATE audit SET actor='eve' WHERE number=4")
    found = verify(place.state, place.directory)
    assert found.trouble is not None
    assert found.trouble.code == "audit_broken"
    assert "entry 4 " in str(found.trouble.params["error"])
    assert not found.read_only


def test_the_first_start_of_this_version_anchors_what_is_there(place: Place) -> None:
    """A database that was filled before there were anchors is taken as it stands."""
    assert place.trouble() is None
    place.watch.tend(NOW)
    last = anchors_of(place.directory).last()
    assert last is not None
    assert last.number == 10
