"""Limits and counters of a group, read from trees of files as the kernel writes them: version 1, version 2, and both side by side."""

from pathlib import Path, PurePosixPath

import pytest

from plugin_optimizer.domain import InvalidValue, Metric, Refused
from plugin_optimizer.touchpoints.control_group import ControlGroup, GroupCounts
from plugin_optimizer.touchpoints.group_limits import MEMORY_LIMIT, check_limit, cpu_knob, memory_knob, most_bytes
from plugin_optimizer.touchpoints.group_senses import GroupSenses

MEBIBYTE = 1 << 20
PATH = PurePosixPath("/system.slice/orders.service")


def write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text + "\n")


@pytest.fixture
def newer(tmp_path: Path) -> ControlGroup:
    """A group of version 2, below a slice that allows less than it would like."""
    write(tmp_path / "system.slice", {"cpu.max": "150000 100000", "memory.max": str(512 * MEBIBYTE)})
    write(
        tmp_path / "system.slice/orders.service",
        {
            "cpu.max": "20000 100000",
            "cpu.stat": "usage_usec 5000000\nnr_periods 100\nnr_throttled 80\nthrottled_usec 6000000",
            "memory.max": str(256 * MEBIBYTE),
            "memory.high": "max",
            "memory.current": str(90 * MEBIBYTE),
            "memory.stat": f"anon 1\ninactive_file {30 * MEBIBYTE}",
            "memory.events": "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1",
        },
    )
    return ControlGroup(PATH, tmp_path)


@pytest.fixture
def older(tmp_path: Path) -> ControlGroup:
    """The same of version 1, whose CPU time is counted beside it by version 2."""
    write(
        tmp_path / "cpu/system.slice/orders.service",
        {
            "cpu.cfs_quota_us": "20000",
            "cpu.cfs_period_us": "100000",
            "cpu.stat": "nr_periods 100\nnr_throttled 80\nthrottled_time 6000000000",
        },
    )
    write(
        tmp_path / "memory/system.slice/orders.service",
        {
            "memory.limit_in_bytes": str(256 * MEBIBYTE),
            "memory.usage_in_bytes": str(90 * MEBIBYTE),
            "memory.stat": f"cache 1\ntotal_inactive_file {30 * MEBIBYTE}",
            "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1",
        },
    )
    write(tmp_path / "cpu/system.slice", {"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"})
    write(tmp_path / "memory", {"memory.limit_in_bytes": "9223372036854771712"})
    write(tmp_path / "unified/system.slice/orders.service", {"cpu.stat": "usage_usec 5000000"})
    return ControlGroup(PATH, tmp_path)


@pytest.mark.parametrize("version", ["newer", "older"])
def test_both_versions_say_the_same(version: str, request: pytest.FixtureRequest) -> None:
    """Limits in cores and bytes, totals in seconds; pages of files that nobody used lately are not held against it."""
    group: ControlGroup = request.getfixturevalue(version)
    assert group.cpu_cores() == pytest.approx(0.2)
    assert group.memory_bytes() == 256 * MEBIBYTE
    assert group.used_bytes() == 60 * MEBIBYTE
    assert group.counts() == GroupCounts(5.0, 100, 80, 6.0, 1)
    assert group.high_bytes() is None
    assert group.has_high() is (version == "newer")


def test_what_is_above_limits_it_too(newer: ControlGroup) -> None:
    """A unit in a slice of 150 % and 512 MiB gets no more than that, whatever its own limit."""
    assert newer.cores_above() == 1.5
    assert newer.bytes_above() == 512 * MEBIBYTE
    knob = cpu_knob("CPUQuota", newer, 0.2, persistent=True)
    assert knob.maximum is not None
    assert knob.maximum <= 150
    assert most_bytes(newer) <= 512 * MEBIBYTE


def test_no_limit_is_none(older: ControlGroup) -> None:
    """Version 1 says so with −1 and with its largest number."""
    slice_ = ControlGroup(PATH.parent, older.root)
    assert slice_.cpu_cores() is None
    assert ControlGroup(PurePosixPath("/"), older.root).memory_bytes() is None
    assert older.bytes_above() is None


def test_what_has_no_group_has_no_limit_and_no_figure(tmp_path: Path) -> None:
    """Version 1 makes no group for a controller that nothing is limited by: that is not a usage of zero."""
    group = ControlGroup(PATH, tmp_path)
    assert [group.cpu_cores(), group.memory_bytes(), group.used_bytes(), group.has_high()] == [None, None, None, False]
    assert group.counts() == GroupCounts(None, 0, 0, 0.0, None)
    (sample,) = GroupSenses().samples("orders", group.figures(), "a", 0, 1.0)
    assert sample.metric is Metric.UP


def test_rates_come_from_two_looks_of_one_life(newer: ControlGroup) -> None:
    """80 periods of 100, of which 60 are new, all of them throttled: with another life the counters begin anew."""
    senses, folder = GroupSenses(), newer.root / "system.slice/orders.service"
    first = {s.metric for s in senses.samples("orders", newer.figures(), "a", 0, 100.0)}
    assert first == {Metric.UP, Metric.MEMORY_BYTES, Metric.MEMORY_RATIO}
    write(folder, {"cpu.stat": "usage_usec 7000000\nnr_periods 200\nnr_throttled 140\nthrottled_usec 11000000"})
    write(folder, {"memory.events": "oom_kill 3"})
    second = {s.metric: s.value for s in senses.samples("orders", newer.figures(), "a", 2, 110.0)}
    assert second[Metric.THROTTLED_RATIO] == pytest.approx(0.6)
    assert second[Metric.THROTTLED_CORES] == pytest.approx(0.5)
    assert second[Metric.CPU_CORES] == pytest.approx(0.2)
    assert second[Metric.CPU_RATIO] == pytest.approx(1.0)
    assert (second[Metric.OOM_KILLS], second[Metric.RESTARTS]) == (2, 2)
    third = {s.metric: s.value for s in senses.samples("orders", newer.figures(), "b", 0, 120.0)}
    assert third[Metric.RESTARTS] == 1
    assert Metric.THROTTLED_RATIO not in third


def test_a_limit_is_never_set_below_what_is_used() -> None:
    """Nor to a fraction; what is so already is always fine, and so is more."""
    knob = memory_knob("MemoryMax", MEMORY_LIMIT, 100 * MEBIBYTE, 90 * MEBIBYTE, 400 * MEBIBYTE, persistent=True)
    assert check_limit(knob, 200 * MEBIBYTE, 90 * MEBIBYTE) == 200 * MEBIBYTE
    assert check_limit(knob, 100 * MEBIBYTE, 120 * MEBIBYTE) == 100 * MEBIBYTE
    with pytest.raises(Refused, match="in use"):
        check_limit(knob, 92 * MEBIBYTE, 90 * MEBIBYTE)
    with pytest.raises(InvalidValue):
        check_limit(knob, 150.5 * MEBIBYTE + 0.25, 90 * MEBIBYTE)
