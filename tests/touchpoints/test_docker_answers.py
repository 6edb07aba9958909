"""Answers of an engine are understood as Docker 20.10.24 (API 1.41) gave them on cgroups of version 1, and as the API's reference has
them for version 2; orders are told in the way the container was limited first.
"""

from dataclasses import replace
from typing import Any

import pytest

from plugin_optimizer.domain import Unobservable
from plugin_optimizer.touchpoints.docker.container import container_of, figures_of
from plugin_optimizer.touchpoints.docker.engine import _version_of
from plugin_optimizer.touchpoints.docker.roster import ContainerRoster

MEBIBYTE = 1 << 20
IDENTITY = "d3e9586279dbcbf1d8d364e3a6296713b8921d2d861b021d1b3e2137c36c9358"
INSPECTED: dict[str, Any] = {
    "Id": IDENTITY,
    "Name": "/orders",
    "RestartCount": 3,
    "State": {
        "Status": "running", "Running": True, "Paused": False, "Restarting": False, "OOMKilled": False, "Dead": False,
        "Pid": 20553, "ExitCode": 0, "Error": "", "StartedAt": "2026-11-30T18:24:52.515753813Z",
        "FinishedAt": "0001-01-01T00:00:00Z",
    },
    "HostConfig": {
        "NanoCpus": 200000000, "CpuQuota": 0, "CpuPeriod": 0, "Memory": 67108864, "MemorySwap": 134217728,
        "MemoryReservation": 0,
    },
    "Config": {"Image": "bb:1", "Labels": {}},
}  # fmt: skip
OLDER_STATS: dict[str, Any] = {
    "cpu_stats": {
        "cpu_usage": {"total_usage": 150798970, "percpu_usage": [65695091, 85103879], "usage_in_kernelmode": 0},
        "system_cpu_usage": 75870230000000, "online_cpus": 2,
        "throttling_data": {"periods": 116, "throttled_periods": 29, "throttled_time": 2500000000},
    },
    "memory_stats": {"usage": 1048576, "stats": {"inactive_file": 65536, "total_inactive_file": 131072, "cache": 0}},
}  # fmt: skip
NEWER_STATS: dict[str, Any] = {
    "cpu_stats": {
        "cpu_usage": {"total_usage": 150798970, "usage_in_kernelmode": 1, "usage_in_usermode": 2},
        "throttling_data": {"periods": 116, "throttled_periods": 29, "throttled_time": 2500000000},
    },
    "memory_stats": {"usage": 1048576, "stats": {"anon": 4096, "inactive_file": 131072}, "limit": 67108864},
}


def with_host(**changed: int) -> dict[str, Any]:
    return {**INSPECTED, "HostConfig": {**INSPECTED["HostConfig"], **changed}}


def test_a_container_is_read_as_the_engine_tells_it() -> None:
    """Its id, life, restarts, limits; one that waits for its next try does not run."""
    found = container_of(INSPECTED)
    assert (found.name, found.cores, found.memory, found.restarts, found.running) == (
        "orders",
        0.2,
        64 * MEBIBYTE,
        3,
        True,
    )
    assert found.life == f"{IDENTITY[:12]}-2026-11-30T18:24:52.515753813Z"
    waiting = {**INSPECTED, "State": {**INSPECTED["State"], "Restarting": True}}
    assert not container_of(waiting).running
    assert container_of(with_host(NanoCpus=0)).cores is None
    assert container_of(with_host(NanoCpus=0, CpuQuota=30000)).cores == pytest.approx(0.3)
    assert container_of(with_host(NanoCpus=0, CpuQuota=30000, CpuPeriod=50000)).cores == pytest.approx(0.6)


def test_limits_are_told_as_they_were_told_first() -> None:
    """NanoCpus and a quota exclude each other; memory and swap together are moved along by what memory grows."""
    assert container_of(INSPECTED).cpu_order(35) == {"NanoCpus": 350_000_000}
    quota = container_of(with_host(NanoCpus=0, CpuQuota=30000, CpuPeriod=50000))
    assert quota.cpu_order(35) == {"CpuPeriod": 50000, "CpuQuota": 17500}
    more = 96 * MEBIBYTE
    assert container_of(INSPECTED).memory_order(more) == {"Memory": more, "MemorySwap": 160 * MEBIBYTE}
    assert container_of(with_host(MemorySwap=-1)).memory_order(more) == {"Memory": more, "MemorySwap": -1}
    assert container_of(with_host(MemorySwap=0)).memory_order(more) == {"Memory": more}


@pytest.mark.parametrize("stats", [OLDER_STATS, NEWER_STATS], ids=["version 1", "version 2"])
def test_counters_are_read_in_seconds_and_bytes(stats: dict[str, Any]) -> None:
    """What is used is without the pages of files that nobody used lately, as `docker stats` shows it."""
    figures = figures_of(stats, container_of(INSPECTED), 4)
    counts = figures.counts
    assert (counts.periods, counts.throttled, counts.throttled_seconds, counts.oom_kills) == (116, 29, 2.5, 4)
    assert counts.cpu_seconds == pytest.approx(0.15079897)
    assert figures.used_bytes == 1048576 - 131072
    assert figures.limit_bytes == 64 * MEBIBYTE
    assert figures.cores == 0.2


def test_another_form_is_no_answer() -> None:
    """Whatever is missing or of another type is told as unobservable."""
    for broken in ({}, {**INSPECTED, "State": None}, {**INSPECTED, "HostConfig": {"Memory": "much"}}):
        with pytest.raises(Unobservable):
            container_of(broken)
    with pytest.raises(Unobservable):
        figures_of({"cpu_stats": {}}, container_of(INSPECTED), None)


@pytest.mark.parametrize(
    ("told", "spoken"),
    [
        ('{"ApiVersion": "1.41", "MinAPIVersion": "1.12"}', "1.41"),
        ('{"ApiVersion": "1.55", "MinAPIVersion": "1.44"}', "1.47"),
        ('{"ApiVersion": "1.60", "MinAPIVersion": "1.50"}', "1.50"),
    ],
)
def test_the_newest_version_that_both_know_is_spoken(told: str, spoken: str) -> None:
    """An old engine in its own, a new one in ours, one that has forgotten ours in its oldest."""
    assert _version_of(told) == spoken


def test_what_tells_no_version_is_no_engine() -> None:
    """Something else listens there."""
    for text in ("hello", "[]", '{"ApiVersion": "one"}', "{}"):
        with pytest.raises(Unobservable):
            _version_of(text)


def test_containers_are_known_by_their_own_name() -> None:
    """Links of other containers have more slashes; the configuration's name goes first, and ids never collide."""
    roster = ContainerRoster("docker", ())
    listed = [
        {"Id": "a" * 64, "Names": ["/web/db", "/shop_db.1"]},
        {"Id": "b" * 64, "Names": ["/shop-db.1"]},
        {"Id": "c" * 64, "Names": None},
    ]
    found = roster.assign(listed)
    assert [plugin.address["container"] for plugin in found] == ["shop_db.1", "shop-db.1"]
    assert len({plugin.plugin_id for plugin in found}) == 2
    assert roster.assign(listed) == found
    assert replace(found[0], plugin_id="other").address["id"] == "a" * 12
