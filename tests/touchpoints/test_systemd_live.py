"""On a real systemd: what an order does in the kernel, what lasts, what is refused, what is told of units that fail."""

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from plugin_optimizer.domain import Gone, Knob, Metric, NotFound, Plugin, Refused, UnderWay, Unobservable, following
from plugin_optimizer.touchpoints.systemd import SystemdTouchpoint
from tests.systemd_host import SystemdHost, start_systemd, why_not

pytestmark = [pytest.mark.extra, pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")]
MEBIBYTE = 1 << 20
SERVICE = "[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n[Service]\nMemoryAccounting=yes\n"
UNITS = {
    "burn.service": f"{SERVICE}ExecStart=/bin/sh -c 'while :; do :; done'\nCPUQuota=10%\nMemoryMax=64M\n",
    "holds.service": f"{SERVICE}ExecStart=/usr/bin/perl -e 'my $$x = q(x) x 40000000; sleep'\nMemoryMax=256M\n",
    "free.service": f"{SERVICE}ExecStart=/bin/sleep infinity\n",
    "fails.service": f"{SERVICE}ExecStart=/bin/sh -c 'sleep 0.2; exit 3'\nRestart=always\nRestartSec=200ms\n",
    "once.service": f"{SERVICE}Type=oneshot\nExecStart=/bin/true\nRemainAfterExit=yes\n",
    "needs.service": "[Unit]\nDefaultDependencies=no\nRequires=needed.service\nAfter=needed.service\n[Service]\nExecStart=/bin/sleep infinity\n",
    "needed.service": f"{SERVICE}ExecStart=/bin/sleep infinity\n",
    "holder.service": f"{SERVICE}ExecStart=/usr/bin/perl -e 'open my $$f, q(>), q(/proc/self/comm); print $$f q(memcached); close $$f; sleep'\n",
    "deaf.service": f"{SERVICE}ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 1; done'\nTimeoutStopSec=infinity\n",
    "mute.service": f"{SERVICE}Type=notify\nExecStart=/bin/sleep infinity\nTimeoutStartSec=infinity\n",
    "brittle.service": f"{SERVICE}ExecStartPre=/usr/bin/test ! -e /run/broken\nExecStart=/bin/sleep infinity\n",
    "systemd-own.service": f"{SERVICE}ExecStart=/bin/sleep infinity\n",
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemdHost]:
    with start_systemd(tmp_path_factory.mktemp("systemd"), UNITS) as found:
        yield found


@pytest.fixture
def touchpoint(host: SystemdHost) -> SystemdTouchpoint:
    return SystemdTouchpoint(systemctl=host.systemctl, root=host.root)


def plugin_of(name: str) -> Plugin:
    return Plugin(name, "systemd", {"unit": name})


def knob_of(touchpoint: SystemdTouchpoint, plugin: Plugin, name: str) -> Knob:
    return next(knob for knob in touchpoint.knobs(plugin) if knob.name == name)


def wait_until(promise: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not promise():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def test_services_that_run_are_found_and_the_systems_own_left_alone(
    host: SystemdHost, touchpoint: SystemdTouchpoint
) -> None:
    """No plugin of what runs once, of what belongs to the system, of what does not run; the configuration's name goes first."""
    for name in ("free.service", "once.service", "systemd-own.service"):
        host.run("start", name)
    assert {plugin.plugin_id for plugin in touchpoint.discover()} == {"free.service"}
    named = Plugin("orders", "systemd", {"unit": "free.service"})
    found = SystemdTouchpoint((named,), host.systemctl, host.root)
    assert found.discover() == [named]
    with pytest.raises(Gone):
        found.knobs(plugin_of("free.service"))


def test_an_order_arrives_in_the_kernel_and_the_way_back_too(host: SystemdHost, touchpoint: SystemdTouchpoint) -> None:
    """10 % becomes 40 % and 10 % again in `cpu.cfs_quota_us`, and the throttled share follows."""
    plugin = plugin_of("burn.service")
    host.run("restart", "burn.service")
    assert host.group("cpu", "burn.service", "cpu.cfs_quota_us") == "10000"
    seen: dict[Metric, float] = {}

    def throttled() -> bool:  # beside others it may for a while not even get what it is allowed
        seen.update({sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())})
        return seen.get(Metric.THROTTLED_RATIO, 0.0) > 0.5

    wait_until(throttled, "its limit never stopped it")
    assert seen[Metric.THROTTLED_CORES] > 0
    assert seen[Metric.CPU_CORES] < 0.2
    assert seen[Metric.OOM_KILLS] == 0
    for percent in (40, 10):
        touchpoint.turn(plugin, "CPUQuota", percent)
        assert host.group("cpu", "burn.service", "cpu.cfs_quota_us") == str(percent * 1000)
        assert knob_of(touchpoint, plugin, "CPUQuota").value == percent
    host.run("stop", "burn.service")


def test_a_kept_value_outlives_restart_and_reload_of_the_manager(
    host: SystemdHost, touchpoint: SystemdTouchpoint
) -> None:
    """What was kept is there after both; what was only turned falls back at the reload, unless something was kept before."""
    plugin = plugin_of("burn.service")
    host.run("restart", "burn.service")
    touchpoint.knobs(plugin)
    touchpoint.turn(plugin, "CPUQuota", 15)
    assert touchpoint.persist(plugin, "CPUQuota", 15)
    for order in (("daemon-reload",), ("restart", "burn.service")):
        host.run(*order)
        assert host.group("cpu", "burn.service", "cpu.cfs_quota_us") == "15000"
    time.sleep(1.1)
    touchpoint.knobs(plugin)
    touchpoint.turn(plugin, "CPUQuota", 25)
    host.run("daemon-reload")
    assert host.group("cpu", "burn.service", "cpu.cfs_quota_us") == "25000"
    touchpoint.turn(plugin, "CPUQuota", 10)
    host.run("stop", "burn.service")


def test_no_limit_goes_below_what_is_used(host: SystemdHost, touchpoint: SystemdTouchpoint) -> None:
    """The kernel would keep the old limit, and systemd would say it had not: the order is refused before that."""
    plugin = plugin_of("holds.service")
    host.run("restart", "holds.service")
    group = "memory.usage_in_bytes"
    wait_until(lambda: int(host.group("memory", "holds.service", group)) > 30 * MEBIBYTE, "it took no memory")
    knob = knob_of(touchpoint, plugin, "MemoryMax")
    assert knob.value == 256 * MEBIBYTE
    assert knob.needed is not None
    assert knob.needed > 30 * MEBIBYTE
    with pytest.raises(Refused, match="in use"):
        touchpoint.turn(plugin, "MemoryMax", 16 * MEBIBYTE)
    assert host.group("memory", "holds.service", "memory.limit_in_bytes") == str(256 * MEBIBYTE)


def test_what_systemd_only_says_is_not_believed(host: SystemdHost, touchpoint: SystemdTouchpoint) -> None:
    """A limit that was lost on its way: the manager shows it, the kernel has the old one, and so does the knob."""
    plugin = plugin_of("holds.service")
    host.run("restart", "holds.service")
    wait_until(lambda: int(host.group("memory", "holds.service", "memory.usage_in_bytes")) > 30 * MEBIBYTE, "no memory")
    host.run("set-property", "--runtime", "holds.service", f"MemoryMax={8 * MEBIBYTE}")
    assert host.value("holds.service", "MemoryMax") == str(8 * MEBIBYTE)
    kernel = int(host.group("memory", "holds.service", "memory.limit_in_bytes"))
    assert knob_of(touchpoint, plugin, "MemoryMax").value == kernel
    host.run("set-property", "--runtime", "holds.service", f"MemoryMax={256 * MEBIBYTE}")


def test_what_has_no_limit_has_no_knob_for_it_and_says_so(host: SystemdHost, touchpoint: SystemdTouchpoint) -> None:
    """Nothing is raised that limits nothing; version 1 of the kernel's groups has no MemoryHigh at all."""
    host.run("start", "free.service")
    plugin = plugin_of("free.service")
    assert [knob.name for knob in touchpoint.knobs(plugin)] == ["ActiveState", "life"]
    assert set(touchpoint.not_offered(plugin)) == {"CPUQuota", "MemoryHigh", "MemoryMax"}
    with pytest.raises(NotFound):
        touchpoint.turn(plugin, "CPUQuota", 50)


def test_a_unit_that_keeps_failing_is_counted_and_found_stopped(
    host: SystemdHost, touchpoint: SystemdTouchpoint
) -> None:
    """Its restarts are counted as systemd counts them; while it waits for its next try it is not up."""
    plugin, seen = plugin_of("fails.service"), []
    host.run("start", "fails.service")
    for _ in range(40):
        seen.append({sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())})
        time.sleep(0.25)
        if sum(look.get(Metric.RESTARTS, 0.0) for look in seen) >= 3:
            break
    host.run("stop", "fails.service")
    assert sum(look.get(Metric.RESTARTS, 0.0) for look in seen) >= 3
    time.sleep(1.1)
    assert {s.metric: s.value for s in touchpoint.sense(plugin, time.time())}[Metric.UP] == 0


def test_a_stopped_unit_is_started_again_and_the_way_back_stops_it(
    host: SystemdHost, touchpoint: SystemdTouchpoint
) -> None:
    """`ActiveState` is turned like any other knob; nobody keeps it so, for whoever stops it later means it."""
    plugin = plugin_of("free.service")
    host.run("stop", "free.service")
    time.sleep(1.1)
    assert knob_of(touchpoint, plugin, "ActiveState").value == "stopped"
    with pytest.raises(Gone):
        touchpoint.incarnation(plugin)
    for state, active in (("running", "active"), ("stopped", "inactive")):
        touchpoint.turn(plugin, "ActiveState", state)
        wait_until(lambda active=active: host.value("free.service", "ActiveState") == active, state)  # type: ignore[misc]
        time.sleep(1.1)
        assert knob_of(touchpoint, plugin, "ActiveState").value == state
    assert touchpoint.persist(plugin, "ActiveState", "stopped") is False


def test_a_restart_is_ordered_once_and_seen_in_its_next_life(host: SystemdHost, touchpoint: SystemdTouchpoint) -> None:
    """Turned to the life after the present one; the same order again does nothing; the old life does not come back."""
    plugin = plugin_of("free.service")
    host.run("restart", "free.service")
    time.sleep(1.1)
    first, pid = str(knob_of(touchpoint, plugin, "life").value), host.value("free.service", "MainPID")
    touchpoint.turn(plugin, "life", following(first))
    wait_until(lambda: host.value("free.service", "MainPID") not in (pid, "0"), "it was not restarted")
    second = host.value("free.service", "MainPID")
    touchpoint.turn(plugin, "life", following(first))
    time.sleep(2.0)
    assert host.value("free.service", "MainPID") == second
    assert knob_of(touchpoint, plugin, "life").value != first
    with pytest.raises(Refused, match="does not come back"):
        touchpoint.turn(plugin, "life", first)
    assert touchpoint.persist(plugin, "life", knob_of(touchpoint, plugin, "life").value) is False


def test_no_restart_is_offered_that_takes_others_along_or_loses_what_is_in_memory(
    host: SystemdHost, touchpoint: SystemdTouchpoint
) -> None:
    """The reason is told; one line of the configuration accepts the loss, and nothing accepts to restart others unasked."""
    for name in ("needs.service", "holder.service"):
        host.run("start", name)
    wait_until(
        lambda: touchpoint.not_offered(plugin_of("holder.service")).get("life", "") != "", "its name was not seen"
    )
    assert "needs.service" in touchpoint.not_offered(plugin_of("needed.service"))["life"]
    assert "memcached" in touchpoint.not_offered(plugin_of("holder.service"))["life"]
    for name in ("needed.service", "holder.service"):
        assert "life" not in {knob.name for knob in touchpoint.knobs(plugin_of(name))}
    accepted = Plugin("holder.service", "systemd", {"unit": "holder.service", "restart_loses_state": "accepted"})
    assert "life" in {knob.name for knob in touchpoint.knobs(accepted)}
    host.run("stop", "needs.service", "needed.service", "holder.service")


def seen(touchpoint: SystemdTouchpoint, plugin: Plugin) -> dict[Metric, float]:
    return {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}


def under_way(touchpoint: SystemdTouchpoint, plugin: Plugin, said: str) -> bool:
    """Tell whether its knobs say that it is still at something, in these words."""
    try:
        touchpoint.knobs(plugin)
    except UnderWay as error:
        return said in str(error)
    return False


def stands(touchpoint: SystemdTouchpoint, plugin: Plugin, state: str) -> bool:
    """Tell whether it is at nothing any more, and in that state."""
    return not under_way(touchpoint, plugin, "") and knob_of(touchpoint, plugin, "ActiveState").value == state


@pytest.mark.parametrize(("knob", "next_state"), [("ActiveState", "stopped"), ("life", "running")])
def test_a_unit_that_does_not_stop_is_neither_stopped_nor_restarted(
    host: SystemdHost, touchpoint: SystemdTouchpoint, knob: str, next_state: str
) -> None:
    """It hears no SIGTERM and has no time limit: the order returns at once, and nothing is claimed before its end."""
    plugin = plugin_of("deaf.service")
    host.run("start", "deaf.service")
    time.sleep(1.1)
    life = str(knob_of(touchpoint, plugin, "life").value)
    pid = host.outer_pid("deaf.service")
    touchpoint.turn(plugin, knob, "stopped" if knob == "ActiveState" else following(life))
    wait_until(
        lambda: under_way(touchpoint, plugin, "still stopping (stop-sigterm): for as long as"), "it was not told"
    )
    assert host.outer_pid("deaf.service") == pid
    assert seen(touchpoint, plugin)[Metric.UP] == 0
    with pytest.raises(UnderWay):
        touchpoint.turn(plugin, knob, "running" if knob == "ActiveState" else following(life))
    host.run("kill", "-s", "KILL", "deaf.service")
    wait_until(lambda: stands(touchpoint, plugin, next_state), "it outlived its end, or the order was forgotten")
    assert (knob_of(touchpoint, plugin, "life").value == life) == (knob == "ActiveState")
    if knob == "life":
        host.run("kill", "-s", "KILL", "deaf.service")


def test_a_unit_that_never_says_it_is_ready_is_found_and_not_up(
    host: SystemdHost, touchpoint: SystemdTouchpoint
) -> None:
    """It has a process and uses memory, and its start does not end: that is told, and nothing is turned on it."""
    plugin = plugin_of("mute.service")
    host.run("start", "--no-block", "mute.service")
    wait_until(lambda: under_way(touchpoint, plugin, "still starting (start): for as long as"), "it was not told")
    figures = seen(touchpoint, plugin)
    assert figures[Metric.UP] == 0
    assert figures[Metric.MEMORY_BYTES] > 0
    assert "mute.service" in {found.plugin_id for found in SystemdTouchpoint((), host.systemctl, host.root).discover()}
    with pytest.raises(Gone):
        touchpoint.incarnation(plugin)
    host.run("stop", "mute.service")


def test_a_restart_that_fails_is_another_life_that_has_ended(host: SystemdHost, touchpoint: SystemdTouchpoint) -> None:
    """The order was carried out, and what came of it is down: it can be seen, and restarted by nobody but a start."""
    plugin = plugin_of("brittle.service")
    host.run("start", "brittle.service")
    time.sleep(1.1)
    first = str(knob_of(touchpoint, plugin, "life").value)
    subprocess.run([*host.entry, "touch", "/run/broken"], check=True)
    touchpoint.turn(plugin, "life", following(first))
    wait_until(lambda: host.value("brittle.service", "ActiveState") == "failed", "it came up all the same")
    time.sleep(1.1)
    assert knob_of(touchpoint, plugin, "ActiveState").value == "stopped"
    life = knob_of(touchpoint, plugin, "life")
    assert life.value != first
    assert life.choices == (life.value,)
    assert seen(touchpoint, plugin)[Metric.UP] == 0


def test_a_restart_between_look_and_deed_is_looked_at_first(host: SystemdHost, touchpoint: SystemdTouchpoint) -> None:
    """Another life of the unit may have other limits: the order is not given blindly."""
    plugin = plugin_of("burn.service")
    host.run("restart", "burn.service")
    touchpoint.knobs(plugin)
    host.run("restart", "burn.service")
    time.sleep(1.1)
    with pytest.raises(Unobservable, match="started again"):
        touchpoint.turn(plugin, "CPUQuota", 30)
    touchpoint.knobs(plugin)
    touchpoint.turn(plugin, "CPUQuota", 30)
    assert host.group("cpu", "burn.service", "cpu.cfs_quota_us") == "30000"
    host.run("stop", "burn.service")
