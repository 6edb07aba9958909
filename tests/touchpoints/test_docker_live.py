"""On a real Docker Engine: what an update does in the kernel, what it survives, what is refused, what is told of containers that die."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from plugin_optimizer.domain import (
    Gone,
    Knob,
    Metric,
    NotFound,
    Plugin,
    Refused,
    Sample,
    UnderWay,
    Unobservable,
    following,
)
from plugin_optimizer.touchpoints.docker import DockerTouchpoint
from tests.docker_host import DockerHost, start_docker, why_not

pytestmark = [pytest.mark.extra, pytest.mark.timeout(900), pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")]
MEBIBYTE = 1 << 20
BURN = "while :; do :; done"
HOLD = "dd if=/dev/zero of=/dev/null bs=40M count=1000000000"  # one block of 40 MiB, for ever


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerHost]:
    with start_docker(tmp_path_factory.mktemp("docker")) as found:
        yield found


@pytest.fixture
def touchpoint(host: DockerHost) -> DockerTouchpoint:
    return DockerTouchpoint(socket=host.socket)


def plugin_of(name: str) -> Plugin:
    return Plugin(name, "docker", {"container": name})


def knob_of(touchpoint: DockerTouchpoint, plugin: Plugin, name: str) -> Knob:
    knobs = cast("list[Knob]", patiently(lambda: touchpoint.knobs(plugin)))
    return next(knob for knob in knobs if knob.name == name)


def look(touchpoint: DockerTouchpoint, plugin: Plugin) -> dict[Metric, float]:
    samples = cast("list[Sample]", patiently(lambda: touchpoint.sense(plugin, time.time())))
    return {sample.metric: sample.value for sample in samples}


def patiently(act: Callable[[], object]) -> object:
    """Do it again while the engine, starved by others, does not answer in time: what is asked for is idempotent."""
    for _ in range(5):
        try:
            return act()
        except Unobservable as error:
            if isinstance(error, Gone) or "timed out" not in str(error):
                raise
    return act()


def wait_until(promise: Callable[[], bool], what: str, seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not promise():
        assert time.monotonic() < deadline, what
        time.sleep(0.25)


def test_an_update_arrives_in_the_kernel_survives_a_restart_and_goes_back(
    host: DockerHost, touchpoint: DockerTouchpoint
) -> None:
    """1 % becomes 45 % in `cpu.cfs_quota_us` of the container that runs, which goes on; a restart keeps it."""
    container, plugin = host.run("burner", "--cpus", "0.01", command=BURN), plugin_of("burner")
    seen: dict[Metric, float] = {}

    def throttled() -> bool:  # beside others it may for a while not even get what it is allowed
        seen.update(look(touchpoint, plugin))
        return seen.get(Metric.THROTTLED_RATIO, 0.0) > 0.5

    wait_until(throttled, "its limit never stopped it")
    assert seen[Metric.THROTTLED_CORES] > 0
    assert seen[Metric.CPU_CORES] < 0.4
    touchpoint.turn(plugin, "cpu_percent", 45)
    assert host.group("cpu", container, "cpu.cfs_quota_us") == "45000"
    assert touchpoint.persist(plugin, "cpu_percent", 45)
    host.docker("restart", "-t", "0", "burner")
    assert host.group("cpu", container, "cpu.cfs_quota_us") == "45000"
    assert host.docker("inspect", "-f", "{{.Id}}", "burner") == container
    time.sleep(1.1)
    assert knob_of(touchpoint, plugin, "cpu_percent").value == 45
    touchpoint.turn(plugin, "cpu_percent", 1)
    assert host.group("cpu", container, "cpu.cfs_quota_us") == "1000"
    host.docker("rm", "-f", "burner")


def test_memory_moves_with_its_swap_and_never_below_what_is_used(
    host: DockerHost, touchpoint: DockerTouchpoint
) -> None:
    """More memory than the old bound of memory and swap would be refused alone; less than what is in use is refused by us."""
    container, plugin = host.run("holder", "--memory", "64m", "--memory-swap", "80m", command=HOLD), plugin_of("holder")
    assert knob_of(touchpoint, plugin, "memory_bytes").value == 64 * MEBIBYTE
    touchpoint.turn(plugin, "memory_bytes", 128 * MEBIBYTE)
    assert host.group("memory", container, "memory.limit_in_bytes") == str(128 * MEBIBYTE)
    assert host.group("memory", container, "memory.memsw.limit_in_bytes") == str(144 * MEBIBYTE)
    wait_until(lambda: look(touchpoint, plugin)[Metric.MEMORY_BYTES] > 35 * MEBIBYTE, "it took no memory")
    with pytest.raises(Refused, match="in use"):
        touchpoint.turn(plugin, "memory_bytes", 32 * MEBIBYTE)
    assert host.group("memory", container, "memory.limit_in_bytes") == str(128 * MEBIBYTE)
    host.docker("rm", "-f", "holder")


def test_kills_for_memory_and_restarts_are_counted_across_them(host: DockerHost, touchpoint: DockerTouchpoint) -> None:
    """A container that is killed and restarted by its policy: the engine's events say so, whatever its group counts anew."""
    plugin, total = plugin_of("greedy"), {Metric.OOM_KILLS: 0.0, Metric.RESTARTS: 0.0}
    command = "sleep 1; dd if=/dev/zero of=/dev/null bs=60M count=1"
    host.run("greedy", "--memory", "16m", "--memory-swap", "16m", "--restart", "always", command=command)

    def killed() -> bool:
        seen = look(touchpoint, plugin)
        for metric in total:
            total[metric] += seen.get(metric, 0.0)
        return min(total.values()) >= 2

    wait_until(killed, f"only {total} were told")
    host.docker("rm", "-f", "greedy")
    assert look(touchpoint, plugin) == {Metric.UP: 0.0}


def test_a_stopped_container_is_started_again(host: DockerHost, touchpoint: DockerTouchpoint) -> None:
    """It is the same container, with the same limits; the way back stops it."""
    container, plugin = host.run("sleeper", "--cpus", "0.5"), plugin_of("sleeper")
    host.docker("stop", "-t", "0", "sleeper")
    assert knob_of(touchpoint, plugin, "state").value == "stopped"
    assert [len(knob.choices) for knob in touchpoint.knobs(plugin)] == [2, 1]  # its life has ended: no restart of that
    with pytest.raises(Gone):
        touchpoint.incarnation(plugin)
    patiently(lambda: touchpoint.turn(plugin, "state", "running"))
    assert knob_of(touchpoint, plugin, "state").value == "running"
    assert host.docker("inspect", "-f", "{{.Id}}", "sleeper") == container
    assert touchpoint.persist(plugin, "state", "running") is False
    patiently(lambda: touchpoint.turn(plugin, "state", "stopped"))
    assert knob_of(touchpoint, plugin, "state").value == "stopped"
    host.docker("rm", "-f", "sleeper")


def test_a_container_that_was_made_anew_is_looked_at_first(host: DockerHost, touchpoint: DockerTouchpoint) -> None:
    """Another one has taken the name, with the limits it was made with: the order is not given to it blindly."""
    plugin = plugin_of("orders")
    host.run("orders", "--cpus", "0.2")
    before = touchpoint.incarnation(plugin)
    touchpoint.knobs(plugin)
    host.docker("rm", "-f", "orders")
    second = host.run("orders", "--cpus", "0.2")
    with pytest.raises(Unobservable, match="made anew"):
        touchpoint.turn(plugin, "cpu_percent", 40)
    assert host.group("cpu", second, "cpu.cfs_quota_us") == "20000"
    assert touchpoint.incarnation(plugin) != before
    host.docker("rm", "-f", "orders")


def test_what_somebody_else_owns_or_nobody_limited_is_not_turned(
    host: DockerHost, touchpoint: DockerTouchpoint
) -> None:
    """A pod's container belongs to the kubelet; a container without limits has none to raise: both are said."""
    host.run("free")
    host.run("owned", "--cpus", "0.5", "--label", "io.kubernetes.pod.name=orders-1")
    assert {knob.name for knob in touchpoint.knobs(plugin_of("free"))} == {"state", "life"}
    assert set(touchpoint.not_offered(plugin_of("free"))) == {"cpu_percent", "memory_bytes"}
    assert touchpoint.knobs(plugin_of("owned")) == []
    assert "Kubernetes" in touchpoint.not_offered(plugin_of("owned"))["cpu_percent"]
    with pytest.raises(NotFound):
        touchpoint.turn(plugin_of("owned"), "cpu_percent", 60)
    host.docker("rm", "-f", "free", "owned")


def test_what_the_engine_refuses_is_refused(host: DockerHost, touchpoint: DockerTouchpoint) -> None:
    """Its own words reach the person who asked; nothing has changed."""
    container, plugin = host.run("picky", "--cpus", "0.2", "--memory", "64m"), plugin_of("picky")
    engine = touchpoint._engine
    with pytest.raises(Refused, match="Minimum memory limit"):
        engine.update(container, {"Memory": MEBIBYTE, "MemorySwap": 2 * MEBIBYTE})
    with pytest.raises(Refused, match="Conflicting options"):
        engine.update(container, {"CpuPeriod": 100_000, "CpuQuota": 40_000})
    assert knob_of(touchpoint, plugin, "cpu_percent").value == 20
    host.docker("rm", "-f", "picky")


def test_without_an_engine_nothing_is_there(tmp_path: Path) -> None:
    """No socket: no containers, and those that are asked about are gone."""
    touchpoint = DockerTouchpoint(socket=tmp_path / "none.sock")
    assert touchpoint.discover() == []
    with pytest.raises(Gone):
        touchpoint.knobs(plugin_of("orders"))


def test_a_restart_is_ordered_once_and_the_container_stays_the_same(
    host: DockerHost, touchpoint: DockerTouchpoint
) -> None:
    """Turned to the life after the present one; the same order again does nothing; what only memory holds is not offered."""
    plugin, container = plugin_of("anew"), host.run("anew")
    first = str(knob_of(touchpoint, plugin, "life").value)
    with contextlib.suppress(Unobservable):  # beside others it may take longer than the engine is waited for
        touchpoint.turn(plugin, "life", following(first))
    told = lambda: host.docker("inspect", "--format", "{{.Id}} {{.State.Running}} {{.State.StartedAt}}", "anew").split()  # noqa: E731
    wait_until(lambda: told()[1:2] == ["true"] and told()[2] != first, "it did not start again")
    second = told()
    assert second[0] == container
    touchpoint.turn(plugin, "life", following(first))
    assert told() == second
    assert knob_of(touchpoint, plugin, "life").value == second[2]
    with pytest.raises(Refused, match="does not come back"):
        touchpoint.turn(plugin, "life", first)
    host.run("in-memory", "--tmpfs", "/data")
    assert "/data" in touchpoint.not_offered(plugin_of("in-memory"))["life"]
    host.docker("rm", "-f", "anew", "in-memory")


def test_its_health_check_is_sensed_and_no_check_is_no_figure(host: DockerHost, touchpoint: DockerTouchpoint) -> None:
    """1 while it succeeds, 0 once Docker calls it unhealthy; of a container without one nothing is said."""
    check = (
        "--health-cmd",
        "[ ! -e /tmp/ill ]",
        "--health-interval",
        "1s",
        "--health-retries",
        "2",
        "--health-timeout",
        "60s",
    )
    host.run("checked", *check)
    host.run("unchecked")
    wait_until(lambda: look(touchpoint, plugin_of("checked")).get(Metric.HEALTHY) == 1, "it never was healthy")
    host.docker("exec", "checked", "sh", "-c", ": > /tmp/ill")
    wait_until(lambda: look(touchpoint, plugin_of("checked")).get(Metric.HEALTHY) == 0, "it never was unhealthy")
    assert Metric.HEALTHY not in look(touchpoint, plugin_of("unchecked"))
    host.docker("rm", "-f", "checked", "unchecked")


def test_a_container_that_does_not_stop_is_not_called_stopped(host: DockerHost, touchpoint: DockerTouchpoint) -> None:
    """It is deaf and has ten minutes: the call is not waited for so long, nothing is claimed, nothing is ordered twice."""
    deaf = "trap '' TERM; while :; do sleep 1; done"
    container, plugin = host.run("deaf", "--stop-timeout", "600", command=deaf), plugin_of("deaf")
    assert knob_of(touchpoint, plugin, "state").value == "running"
    with pytest.raises(Unobservable, match="timed out"):
        touchpoint.turn(plugin, "state", "stopped")
    assert host.docker("inspect", "-f", "{{.State.Running}}", "deaf") == "true"
    for ask in (touchpoint.knobs, lambda plugin: touchpoint.turn(plugin, "life", following("x"))):
        with pytest.raises(UnderWay, match="still stopping: Docker kills it after 600 s"):
            patiently(lambda ask=ask: ask(plugin))  # type: ignore[misc]
    host.docker("kill", "-s", "KILL", "deaf")
    running = lambda: host.docker("inspect", "-f", "{{.State.Running}}", "deaf")  # noqa: E731
    wait_until(lambda: running() == "false", "it outlived its end")
    time.sleep(1.1)  # what it was asked for is a second old at the most
    assert knob_of(touchpoint, plugin, "state").value == "stopped"
    assert host.docker("inspect", "-f", "{{.Id}}", "deaf") == container
    host.docker("rm", "-f", "deaf")


def test_a_paused_container_is_not_up_and_has_nothing_to_turn(host: DockerHost, touchpoint: DockerTouchpoint) -> None:
    """Whoever froze it lets it go on: Docker could neither stop nor start it."""
    host.run("frozen", "--cpus", "0.5")
    host.docker("pause", "frozen")
    plugin = plugin_of("frozen")
    assert look(touchpoint, plugin)[Metric.UP] == 0
    assert touchpoint.knobs(plugin) == []
    assert "unpause" in touchpoint.not_offered(plugin)["state"]
    host.docker("unpause", "frozen")
    wait_until(lambda: look(touchpoint, plugin)[Metric.UP] == 1, "it never went on")
    host.docker("rm", "-f", "frozen")
