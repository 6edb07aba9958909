"""What measures the promises must be able to say no."""

from pathlib import Path

from tests.crash.case import MODES, case_at
from tests.crash.drive import Outcome
from tests.reliability.crash_runs import CELLS, rows
from tests.reliability.modules import Module, found
from tests.reliability.processes import Job, finished
from tests.reliability.promise import Measured
from tests.reliability.table import table
from tests.reliability.write_ahead import EFFECTS, ahead, parsed

SYNCED = """\
1 1.1 pwrite64(4</run/state/state.db>, "x", 1, 0) = 1
1 1.2 fdatasync(4</run/state/state.db>) = 0
1 1.3 write(5</run/state/fences/orders.new>, "x", 1) = 1
1 1.4 fsync(5</run/state/fences/orders.new>) = 0
"""
SENT = "1 1.9 pidfd_send_signal(6<anon_inode:[pidfd]>, SIGTTIN, NULL, 0) = 0\n"


def judged(text: str) -> list[bool]:
    return list(ahead(list(parsed(text)), EFFECTS["signals"][0]))


def test_an_effect_ahead_of_its_record_is_seen() -> None:
    """Synced in time, not synced, synced too late, a sync that failed, nothing written since the last effect."""
    assert judged(SYNCED + SENT) == [True]
    lines = SYNCED.splitlines(keepends=True)
    assert judged(lines[0] + lines[2] + lines[3] + SENT) == [False]
    assert judged(lines[0] + lines[2] + lines[3] + SENT + lines[1]) == [False]
    assert judged(
        SYNCED.replace("fdatasync(4</run/state/state.db>) = 0", "fdatasync(4</run/state/state.db>) = -1") + SENT
    ) == [False]
    assert judged(SYNCED + SENT + SENT) == [True, False]


def test_a_measurement_that_runs_out_of_time_did_not_hold(tmp_path: Path) -> None:
    """It is ended, and its row says so."""
    job = Job(Module("pauses", (0.2, 0.2), alone=False), deep=True, seed=1, directory=tmp_path)
    ((_, (row,)),) = finished([job], 1, lambda _: None)
    assert not row.held
    assert "not over" in row.figure


def test_a_measurement_that_fails_did_not_hold(tmp_path: Path) -> None:
    """No result is no proof."""
    job = Job(Module("nobody", (60.0, 60.0), alone=False), deep=False, seed=1, directory=tmp_path)
    ((_, (row,)),) = finished([job], 1, lambda _: None)
    assert not row.held


def test_a_crash_point_that_was_never_hit_is_not_held() -> None:
    """One cell missing of all is one too many; a run that broke a promise shows in its row."""
    outcomes = [
        Outcome(case_at(*cell), (), (cell[0],), (9,) if cell[1] == "kill" else (), "rolled_back", 1.0, 2)
        for cell in CELLS
    ]
    assert all(row.held for row in rows(outcomes))
    assert [row.promise for row in rows(outcomes[1:]) if not row.held] == ["every crash point is hit in every mode"]
    doubled = Outcome(outcomes[0].case, ("(a) twice",), outcomes[0].struck, (), "succeeded", 1.0, 3)
    assert not rows([doubled, *outcomes])[0].held
    assert {cell[1] for cell in CELLS} == set(MODES)


def test_every_measurement_beside_the_table_is_found() -> None:
    """Whoever adds a module need not name it anywhere."""
    names = {module.name for module in found()}
    assert {"crash_runs", "pauses", "simulated_runs", "write_ahead"} <= names


def test_the_table_says_no_in_capitals() -> None:
    """Aligned columns, one line a promise."""
    text = table([Measured("one", "two", "three", "four", held=False)])
    assert text.splitlines()[-1].endswith("NO")
