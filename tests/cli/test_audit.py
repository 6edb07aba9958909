"""The audit by command: exit codes for scripts, words for people, and a person's answer to a contradiction."""

import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin_optimizer.cli import main
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.knowledge.anchors import anchors_of
from plugin_optimizer.knowledge.audit_watch import AuditWatch
from plugin_optimizer.web.password import hash_password

PASSWORD = "correct horse battery"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory whose audit has seven entries, the last one anchored."""
    (tmp_path / "config.toml").write_text(f"[engine]\nstate_dir = '{tmp_path / 'state'}'\n")
    store = open_state(tmp_path / "state" / "state.db")
    for number in range(5):
        store.save_policy("orders", {"max_workers": number + 1}, "ann", 1_000.0 + number)
    store.save_policy("orders", {}, "=HYPERLINK()", 1_006.0)
    store.save_user("kim", "admin", hash_password(PASSWORD), 1_007.0)
    AuditWatch(store, tmp_path / "state").anchor(1_008.0)
    store.close()
    return tmp_path / "state"


def run(state: Path, *words: str, code: int = 0, text: str | None = None) -> Result:
    environment = {"PLUGIN_OPTIMIZER_CONFIG": str(state.parent / "config.toml")}
    result = CliRunner().invoke(main, ["audit", *words], env=environment, input=text)
    assert result.exit_code == code, (result.output, result.exception)
    return result


def sql(state: Path, statement: str) -> None:
    with closing(sqlite3.connect(state / "state.db", isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)


def cut(state: Path) -> None:
    """Take the last three entries away, and the head with them."""
    sql(state, "DELETE FROM audit WHERE number > 4")
    sql(state, "UPDATE head SET audit_number=4, audit_digest=(SELECT digest FROM audit WHERE number=4)")


def test_what_fits_is_exit_code_zero(state: Path) -> None:
    """With the number of entries, the head, and the anchor."""
    said = run(state, "verify").output
    assert "entries: 7" in said
    assert "the last at entry 7" in said
    assert "every entry fits" in said
    found = json.loads(run(state, "verify", "--json").output)
    assert (found["ok"], found["entries"], found["last_anchor"]["number"]) == (True, 7, 7)
    assert found["head"]["digest"] in said


def test_what_was_changed_is_exit_code_one_and_named(state: Path) -> None:
    """The first entry that does not fit, by its number, in both languages."""
    sql(state, "UPDATE audit SET subject='menu' WHERE number=3")
    assert "entry 3 " in run(state, "verify", code=1).output
    assert "entry 3 " in run(state, "verify", "--lang", "ko", code=1).output
    assert json.loads(run(state, "verify", "--json", code=1).output)["trouble"]["code"] == "audit_broken"


def test_what_was_cut_off_is_exit_code_one(state: Path) -> None:
    """Although the chain and its head fit: the anchor has seen more."""
    cut(state)
    said = run(state, "verify", code=1).output
    assert "READ-ONLY" in said
    assert "audit accept" in said


def test_what_cannot_be_checked_is_neither(state: Path) -> None:
    """No configuration, a database that is none, an unknown option: exit code 2."""
    run(state, "verify", "--nonsense", code=2)
    (state / "state.db").write_bytes(b"rubbish" * 1000)
    assert "cannot be checked" in run(state, "verify", code=2).output
    (state.parent / "config.toml").write_text("nonsense")
    run(state, "verify", code=2)


def test_entries_are_listed_and_filtered(state: Path) -> None:
    """By actor, subject, and action or its first word; newest first; as JSON the API's own."""
    assert "ann" in run(state, "list").output
    assert [e["number"] for e in json.loads(run(state, "list", "--actor", "ann", "--limit", "2", "--json").output)] == [
        5,
        4,
    ]
    for words in (["--action", "user"], ["--action", "user.saved"], ["--subject", "kim"]):
        assert [e["number"] for e in json.loads(run(state, "list", *words, "--json").output)] == [7]
    assert "no entry fits" in run(state, "list", "--action", "use").output
    run(state, "list", "--limit", "0", code=2)


def test_an_export_holds_everything_and_no_formula(state: Path, tmp_path: Path) -> None:
    """All seven; what begins like a formula gets an apostrophe; filters hold here, too."""
    rows = list(csv.reader(io.StringIO(run(state, "export").output.lstrip("\ufeff"))))
    assert [row[0] for row in rows] == ["number", "7", "6", "5", "4", "3", "2", "1"]
    assert rows[2][2] == "'=HYPERLINK()"
    assert len(json.loads(run(state, "export", "--format", "json").output)) == 7
    run(state, "export", "--action", "user", "--output", str(tmp_path / "out.csv"))
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()) == 2


def test_accepting_needs_an_administrators_password(state: Path) -> None:
    """A wrong one changes nothing; the right one is on the audit, and what was found with it."""
    cut(state)
    store = open_state(state / "state.db")
    store.save_user("kim", "admin", hash_password(PASSWORD), 1_009.0)  # the cut took the entry, not the user
    store.close()
    run(state, "accept", "cut for a test", "--user", "kim", text="wrong password\n", code=1)
    run(state, "verify", code=1)
    assert "acts again" in run(state, "accept", "cut for a test", "--user", "kim", text=f"{PASSWORD}\n").output
    newest = json.loads(run(state, "list", "--limit", "1", "--json").output)[0]
    assert (newest["action"], newest["actor"]) == ("audit.accepted", "kim (command line)")
    run(state, "verify")
    assert "nothing to accept" in run(state, "accept", "again").output


def test_forged_anchors_are_named_and_can_be_replaced(state: Path) -> None:
    """Their signature does not fit: exit code 1, and a person decides."""
    lines = state / "audit" / "anchors"
    lines.write_text(lines.read_text().replace('"number": 7', '"number": 6'))
    anchors_of.cache_clear()
    assert "signatures" in run(state, "verify", code=1).output
    run(state, "accept", "looked at it", "--user", "kim", text=f"{PASSWORD}\n")
    run(state, "verify")
    assert len(list(state.glob("audit.until-*"))) == 1


def test_a_backup_taken_while_it_ran_is_no_trouble_where_nothing_was_lost(state: Path) -> None:
    """A copy of the whole directory fits itself."""
    copy = state.with_name("copy")
    shutil.copytree(state, copy)
    (state.parent / "config.toml").write_text(f"[engine]\nstate_dir = '{copy}'\n")
    run(state, "verify")
