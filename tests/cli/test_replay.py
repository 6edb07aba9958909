"""The command that replays history: words, JSON, exit codes, and no trace of having looked."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from hindsight.history import BUSY, CALM, END, HEALTHY, MINUTE, T0, Service, plugins_of, store

from plugin_optimizer.cli import main
from plugin_optimizer.cli.moments import duration, moment
from plugin_optimizer.cli.policy_file import read_policy_file
from plugin_optimizer.cli.replay_table import print_report
from plugin_optimizer.domain import (
    Change,
    ConfigError,
    Direction,
    ExecutionState,
    Goal,
    Metric,
    Mode,
    Outcome,
    PluginStatus,
    Purpose,
    Verdict,
)
from plugin_optimizer.hindsight import Line, Report
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.proposals import proposal

SERVICES = (Service("orders", ((4, CALM, 2), (4, BUSY, 2), (2, BUSY, 3))), HEALTHY)
UNTIL = T0 + 10 * MINUTE
CALLED = T0 + 7 * MINUTE
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host on which an engine ran: samples, recordings, and a state with one execution that was kept."""
    directory = tmp_path_factory.mktemp("host")
    (directory / "config.toml").write_text(
        f"[engine]\nstate_dir = '{directory / 'state'}'\n[policy]\nresponse_time_seconds = 0.5\n"
    )
    (directory / "automatic.toml").write_text('[policy]\nmode = "automatic"\n')
    state = open_state(directory / "state" / "state.db")
    for plugin in plugins_of(SERVICES).values():
        state.save_plugin(plugin, PluginStatus.ACTIVE, T0)
    executed(state)
    state.close()
    store(directory / "state", SERVICES, until=UNTIL)
    return directory


def executed(state: SqlStateStore) -> None:
    made = replace(proposal(), change=Change("orders", "workers", 2, 3, GOAL))
    suggestion = state.offer(made, CALLED, CALLED + 3600)
    execution, _ = state.approve(suggestion.id, None, "ann", None, CALLED)
    execution = state.claim(execution.id, "engine", CALLED, CALLED + 600)
    verdict = Verdict(
        Outcome.BETTER, Metric.RESPONSE_TIME_P95_SECONDS, 0.41, 0.3, 0.52, 1.2, 0.35, 24, 900, "paired_replay"
    )
    for second, name in enumerate(("intent", "applying", "applied", "settling", "verifying", "succeeded")):
        previous, at = execution.state, CALLED + 10.0 * second
        execution = replace(execution, state=ExecutionState(name), applied_at=at if second > 1 else None)
        if name == "succeeded":
            execution = replace(execution, verdict=verdict)
        execution = state.advance(execution, previous, "engine", at)


def run(host: Path, *words: str, code: int = 0) -> Result:
    times = () if "--since" in words else ("--since", iso(T0), "--until", iso(UNTIL), "--every", "30s")
    environment = {"PLUGIN_OPTIMIZER_CONFIG": str(host / "config.toml"), "LC_ALL": "C.UTF-8"}
    result = CliRunner().invoke(main, ["replay", *times, *words], env=environment)
    assert result.exit_code == code, (result.output, result.exception)
    return result


def standing(host: Path) -> list[tuple[str, str, int]]:
    """Name, content and time of every file of the state directory."""
    files = sorted((host / "state").rglob("*"))
    return [(f.name, hashlib.sha256(f.read_bytes()).hexdigest(), f.stat().st_mtime_ns) for f in files if f.is_file()]


def test_a_replay_as_a_table(host: Path) -> None:
    """What was suggested, would have been done and saved, and what really happened; and no file was touched."""
    before = standing(host)
    said = run(host, "--policy", str(host / "automatic.toml")).output
    assert standing(host) == before
    assert "Suggestions: 1" in said
    assert "Increase the workers from 2 to 3" in said
    assert "minutes over the SLO" in said
    assert "workers 2 → 3: Succeeded, effect ×0.41 (0.30 to 0.52)" in said
    assert "menu: 21 of 21 looks" in said
    assert "took " in said


def test_a_replay_in_korean(host: Path) -> None:
    """Headings, reasons and sentences; under the policies in force, which execute nothing by themselves."""
    said = run(host, "--lang", "ko").output
    assert "워커를 2개에서 3개로" in said
    assert "목표 초과 감소(분)" in said
    assert "자동으로 실행했을 변경이 없습니다" in said


def test_a_replay_as_json(host: Path) -> None:
    """Every figure with its unit, ISO times, and the same verdict that history has."""
    found = json.loads(run(host, "--json", "--policy", str(host / "automatic.toml")).stdout)
    (line,) = found["suggestions"]
    assert found["totals"]["executed"] == 1
    assert found["looks"] == 21  # and one just before what was really executed
    assert line["change"] == {"knob": "workers", "before": 2, "after": 3}
    assert line["would_be_done"]["at"] == line["opened_at"]
    p95 = line["estimate"]["p95_seconds"]
    assert p95["replayed"] < p95["recorded"]
    assert p95["low"] < p95["replayed"] < p95["high"]
    assert line["really"][0]["verdict"]["outcome"] == "better"
    assert line["really"][0]["approved_by"] == "ann"
    assert line["not_estimated"] is None
    assert found["other_executions"] == []


def test_a_running_engine_is_not_in_the_way_nor_disturbed(host: Path) -> None:
    """While another process holds the lock of a writer on every file, it is read all the same."""
    files = [host / "state" / name for name in ("state.db", "samples.db", "requests.db")]
    connections = [sqlite3.connect(file, isolation_level=None) for file in files]
    for connection in connections:
        connection.execute("BEGIN IMMEDIATE")
    try:
        assert "Suggestions: 1" in run(host).output
    finally:
        for connection in connections:
            connection.execute("ROLLBACK")
            connection.close()


def test_one_plugin_alone(host: Path) -> None:
    """Only what was asked for is told; a name nobody knows is answered with those that are known."""
    assert "orders" not in run(host, "--plugin", "menu").output
    assert "known are menu, orders" in run(host, "--plugin", "nobody", code=2).output


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[policy]\nmode = "auto"\n', "expected one of observe, advise, dry_run, approve, automatic"),
        ("[policy]\nresponse_time_second = 1\n", "policy.response_time_second is not a setting; known are mode"),
        ('[policy]\nresponse_time_seconds = "fast"\n', "Expected `float`, got `str` - at `$.response_time_seconds`"),
        ("[plugins.orders.policy]\nmin_workers = 0\n", "plugins.orders.policy.min_workers is 0; expected 1 to 10000"),
        ('{"policy": {"windows": ["Monday"]}}', "expected for example 'Mon-Fri 22:00-06:00 Asia/Seoul'"),
        ('mode = "automatic"\n', "expected [policy] or [plugins.NAME.policy] above it"),
        ("[policy\n", "is not TOML"),
        ("{policy", "is not JSON"),
    ],
)
def test_a_policy_that_is_not_valid_says_what_would_be(host: Path, tmp_path: Path, content: str, told: str) -> None:
    """The file, the key, and what was expected; exit code 2."""
    (tmp_path / "policy").write_text(content)
    said = run(host, "--policy", str(tmp_path / "policy"), code=2).output
    assert told in said
    assert str(tmp_path / "policy") in said


def test_policies_in_json_are_those_in_toml(tmp_path: Path) -> None:
    """The same tables; a whole configuration is read for its policies."""
    (tmp_path / "a.toml").write_text('[policy]\nmode = "automatic"\n[plugins.orders.policy]\nmax_workers = 4\n')
    (tmp_path / "a.json").write_text(
        '{"policy": {"mode": "automatic"}, "plugins": {"orders": {"policy": {"max_workers": 4}}}, "engine": {}}'
    )
    assert read_policy_file(tmp_path / "a.toml") == read_policy_file(tmp_path / "a.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_policy_file(tmp_path / "none.toml")


def test_nothing_to_replay_is_told(host: Path, tmp_path: Path) -> None:
    """Exit code 1: no samples in that time, or no engine ever ran. Nothing is made."""
    assert "there are some from 2026-09-21T14:00:05.000Z" in run(host, "--since", "1h", code=1).output
    (tmp_path / "config.toml").write_text(f"[engine]\nstate_dir = '{tmp_path / 'state'}'\n")
    assert "did the engine ever run" in run(tmp_path, code=1).output
    assert not (tmp_path / "state").exists()


def test_times_that_make_no_sense_are_told(host: Path) -> None:
    """Exit code 2, with an example of what would."""
    assert "for example 90m, 24h or 7d" in run(host, "--since", "yesterday", code=2).output
    assert "expected an earlier time" in run(host, "--since", "1h", "--until", "2h", code=2).output
    assert "for example 30s" in run(host, "--since", iso(T0), "--every", "often", code=2).output
    assert (
        "the replay begins there"
        in run(host, "--since", iso(T0 - 7200), "--until", iso(UNTIL), "--every", "10m").output
    )


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", 5400), ("24h", 86400), ("7d", 604800), ("1.5h", 5400), ("30s", 30)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    """So long ago."""
    assert duration(text, "--since") == seconds
    assert moment(text, END, "--since") == END - seconds


def test_moments() -> None:
    """With a zone, or that of this host."""
    assert moment(iso(T0), END, "--since") == T0
    assert moment("2026-11-25T08:00Z", END, "--since") == 1_795_593_600.0
    with pytest.raises(click.BadParameter):
        moment("0h", END, "--since")


def test_what_is_older_than_raw_samples_is_seen_by_the_minute(host: Path, tmp_path: Path) -> None:
    """A store that has thrown its raw samples away still answers, and says how."""
    target = tmp_path / "state"
    target.mkdir()
    for name in ("state.db", "samples.db", "requests.db"):
        with closing(sqlite3.connect(host / "state" / name)) as source, closing(sqlite3.connect(target / name)) as copy:
            source.backup(copy)
    (tmp_path / "config.toml").write_text(f"[engine]\nstate_dir = '{target}'\n[policy]\nresponse_time_seconds = 0.5\n")
    from plugin_optimizer.knowledge import open_samples

    samples = open_samples(target / "samples.db")
    samples.trim(T0 + 3 * 86_400.0)
    samples.close()
    said = run(tmp_path).output
    assert "means of a minute only" in said
    assert "Increase the workers from 2 to 3" in said


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "left to a person – risk low, confidence 60 %"), ("ko", "위험 낮음")]
)
def test_what_automatic_mode_leaves_to_a_person_is_told(
    capsys: pytest.CaptureFixture[str], lang: str, told: str
) -> None:
    """A suggestion that it may not do by itself, and that nothing else held back: once, however often it came."""
    doubtful = replace(proposal(), confidence=0.6)
    line = Line(doubtful, Mode.AUTOMATIC, T0, None, 0, by_minutes=False)
    print_report(Report(T0, END, 60.0, 40, 0.0, 1.0, (line, line), (), (), ()), lang, 1.0)
    assert capsys.readouterr().out.count(told) == 1
