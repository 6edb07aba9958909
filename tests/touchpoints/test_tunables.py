"""Knobs inside the application, as the probes of its processes report them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Knob, Plugin, Refused, Unobservable, Value
from plugin_optimizer.probe import channel
from plugin_optimizer.probe.report import encode
from plugin_optimizer.touchpoints.process_identity import read_stat
from plugin_optimizer.touchpoints.tunables import plugin_of_process, tunable_knobs, turn_tunable

SHOP = Plugin("shop", "gunicorn")
SIZE = channel.KnobReport("cache_size", 100, 1.0, 1000.0, (), "entries", "cache_size", 1.0, persistent=True)


@pytest.fixture
def other() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def report(home: Path, pid: int, value: Value) -> tuple[int, int]:
    """Leave a report as a probe in that process does; return the process."""
    start_ticks = read_stat(pid).start_ticks
    knob = replace(SIZE, value=value)
    written = channel.Report(pid, start_ticks, time.time(), 1, time.time(), "gunicorn", (knob,), ())
    path = home / "plugins" / "shop" / "processes" / f"{pid}-{start_ticks}.report.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(written))
    return pid, start_ticks


def only(knobs: list[Knob]) -> Knob:
    (knob,) = knobs
    return knob


def test_a_value_counts_when_all_processes_run_with_it(tmp_path: Path, other: int) -> None:
    """While they differ, the value shown is not yet the one that was ordered."""
    processes = {report(tmp_path, os.getpid(), 100), report(tmp_path, other, 100)}
    assert only(tunable_knobs(tmp_path, SHOP, processes)).value == 100
    turn_tunable(tmp_path, SHOP, "cache_size", 500)
    assert only(tunable_knobs(tmp_path, SHOP, processes)).value == 100
    for pid in (os.getpid(), other):
        assert only(tunable_knobs(tmp_path, SHOP, processes)).value == 100
        report(tmp_path, pid, 500)
    assert only(tunable_knobs(tmp_path, SHOP, processes)).value == 500


def test_a_knob_keeps_its_bounds_and_its_kind(tmp_path: Path) -> None:
    """What the application declared is what planners and operators see."""
    knob = only(tunable_knobs(tmp_path, SHOP, {report(tmp_path, os.getpid(), 7)}))
    assert (knob.name, knob.minimum, knob.maximum, knob.unit, knob.kind) == (
        "cache_size",
        1,
        1000,
        "entries",
        "cache_size",
    )
    assert knob.persistent


def test_only_this_services_processes_count(tmp_path: Path, other: int) -> None:
    """Another process that reports the same plugin (an old master's worker, a job) does not."""
    mine = report(tmp_path, os.getpid(), 100)
    theirs = report(tmp_path, other, 900)
    assert only(tunable_knobs(tmp_path, SHOP, {mine})).value == 100
    assert tunable_knobs(tmp_path, SHOP, {(theirs[0], theirs[1] + 1)}) == []
    assert plugin_of_process(tmp_path) == {mine: "shop", theirs: "shop"}


def test_a_broken_order_is_no_order(tmp_path: Path) -> None:
    """The processes follow none, so what they report is shown; the next order replaces it."""
    process = report(tmp_path, os.getpid(), 100)
    (tmp_path / "plugins" / "shop" / "settings.json").write_text("{")
    assert only(tunable_knobs(tmp_path, SHOP, {process})).value == 100
    turn_tunable(tmp_path, SHOP, "cache_size", 200)
    assert channel.read_settings(tmp_path, "shop").values == {"cache_size": 200}


def test_a_home_open_to_others_is_not_trusted(tmp_path: Path) -> None:
    """Whoever can write there could turn knobs: nothing is read and nothing is ordered."""
    process = report(tmp_path, os.getpid(), 100)
    tmp_path.chmod(0o777)
    with pytest.raises(Unobservable):
        tunable_knobs(tmp_path, SHOP, {process})
    with pytest.raises(Unobservable):
        plugin_of_process(tmp_path)
    with pytest.raises(Refused):
        turn_tunable(tmp_path, SHOP, "cache_size", 200)


def test_an_order_the_application_overruled_is_given_anew(tmp_path: Path) -> None:
    """Undoing what the application set itself needs a newer version, though the old order names the same value."""
    turn_tunable(tmp_path, SHOP, "cache_size", 200)
    report(tmp_path, os.getpid(), 200)
    turn_tunable(tmp_path, SHOP, "cache_size", 200)
    assert channel.read_settings(tmp_path, "shop").version == 1
    report(tmp_path, os.getpid(), 300)
    turn_tunable(tmp_path, SHOP, "cache_size", 200)
    assert channel.read_settings(tmp_path, "shop").version == 2
