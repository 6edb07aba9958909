"""A folder is a scenario or a clear error."""

from pathlib import Path

import pytest

from benchmarks.closed_loop.__main__ import SCENARIOS, runs
from benchmarks.closed_loop.arrivals import arrivals
from benchmarks.closed_loop.rules import PEERS
from benchmarks.closed_loop.scenario import read

GOOD = """
title = "t"
[[services]]
name = "a"
[services.load]
requests_per_second = 2.0
[expected.a]
"""


@pytest.mark.parametrize("path", sorted(SCENARIOS.iterdir()), ids=lambda path: str(path.name))
def test_every_scenario_can_be_run(path: Path) -> None:
    """It is read, its load can be drawn, and what it serves is there."""
    folder = read(path)
    for service in folder.scenario.services:
        assert len(arrivals(service.load, 30.0, 1)[0]) > 0
        assert service.app != "app:app" or (path / "app.py").is_file()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("title", "titel"), r"titel.*keys there are title"),
        (
            GOOD.replace("requests_per_second = 2.0", "requests_per_second = 2.0\nworkers = 3"),
            r"workers.*requests_per_second",
        ),
        (GOOD.replace("[expected.a]", "[expected.b]"), "expected.NAME"),
        ("title = ", "not TOML"),
    ],
)
def test_a_mistake_is_an_error_that_says_which(tmp_path: Path, text: str, said: str) -> None:
    """An unknown key, a missing one, a service that nothing is expected of: the file and the word."""
    (tmp_path / "scenario.toml").write_text(text)
    with pytest.raises(ValueError, match=said):
        read(tmp_path)


def test_a_folder_without_one_is_an_error(tmp_path: Path) -> None:
    """It says what a scenario is."""
    with pytest.raises(ValueError, match=r"scenario\.toml"):
        read(tmp_path)


def test_peers_and_search_run_where_workers_are_the_question() -> None:
    """The engine always; for slow_bank each count and each peer."""
    bank, failing = (read(SCENARIOS / name) for name in ("slow_bank", "failing_input"))
    assert [run.policy for run in runs(failing, with_peers=True)] == ["engine"]
    policies = [run.policy for run in runs(bank, with_peers=True)]
    assert policies == ["engine", *(f"workers={count}" for count in range(1, 9)), *PEERS]
