"""What is special to supervisord: numprocs that restarts everybody, files that somebody else changed, processes that fail."""

import contextlib
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from plugin_optimizer.domain import Gone, Metric, Plugin, Refused, UnderWay, Value
from plugin_optimizer.touchpoints.supervisord import SupervisordTouchpoint
from plugin_optimizer.touchpoints.supervisord.process import invocation_of
from tests.gunicorn_service import wait_for
from tests.supervisord_service import MAIN, TASKS, SupervisordService, start_supervisord

pytestmark = pytest.mark.live


def found(touchpoint: SupervisordTouchpoint, service: SupervisordService, group: str = "tasks") -> Plugin:
    wanted = (service.rpc.url, group)
    return next(p for p in touchpoint.discover() if (p.address["url"], p.address["group"]) == wanted)


def count(touchpoint: SupervisordTouchpoint, plugin: Plugin) -> Value | None:
    """Return how many processes it says there are, None while one that was told to go has not gone."""
    with contextlib.suppress(UnderWay):
        return touchpoint.knobs(plugin)[0].value
    return None


def go(touchpoint: SupervisordTouchpoint, plugin: Plugin, to: int) -> None:
    """Turn step by step until it is seen, as the engine does."""

    def there() -> bool:
        if count(touchpoint, plugin) == to:
            return True
        touchpoint.turn(plugin, "processes", to)
        return False

    wait_for(there, 150.0, f"{plugin.plugin_id} did not come to {to} processes")


def fragment(service: SupervisordService) -> Path:
    return service.folder / "conf.d" / "plugin-optimizer-tasks.conf"


def test_a_group_is_found_and_measured(tmp_path: Path) -> None:
    """Without configuration; each with what it has started itself. Its neighbour is a plugin of its own."""
    with start_supervisord(tmp_path / "s") as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        assert plugin.plugin_id.startswith("tasks-supervisord")  # others may run on this host
        assert found(touchpoint, service, "other").plugin_id.startswith("other-supervisord")
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        touchpoint.sense(plugin, time.time())
        time.sleep(0.2)
        values = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
        assert values[Metric.WORKERS] == 2 == len(service.pids("worker.py"))
        assert values[Metric.MEMORY_BYTES] > 2e6
        assert values[Metric.FAILED_WORKERS] == 0
        assert Metric.CPU_CORES in values


def test_processes_come_and_go_and_no_task_is_lost_or_run_twice(tmp_path: Path) -> None:
    """Nobody of those who stay is started anew, no other group is touched, and the further ones are numbered on."""
    with start_supervisord(tmp_path / "s") as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        own, others = service.pids("worker.py"), service.pids("sleep")
        service.put(range(300))
        go(touchpoint, plugin, 4)
        wait_for(lambda: len(service.pids("worker.py")) == 4)  # a process has the name of its program once it has begun
        assert own < service.pids("worker.py")
        assert len(service.pids("--number=02")) == 1
        assert len(service.pids("--number=03")) == 1
        go(touchpoint, plugin, 1)
        wait_for(lambda: len(service.pids("worker.py")) == 1)  # one that was told to stop finishes its task first
        assert service.pids("worker.py") < own
        assert not fragment(service).exists()
        go(touchpoint, plugin, 3)
        wait_for(lambda: len(service.runs()) == 300, 150.0)
        go(touchpoint, plugin, 2)
        assert sorted(service.runs()) == [f"{number:05d}" for number in range(300)]
        assert service.pids("sleep") == others


def test_what_was_added_survives_a_restart_and_goes_as_it_came(tmp_path: Path) -> None:
    """Its file is all that is left of it, and all that is taken away."""
    with start_supervisord(tmp_path / "s") as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        before = {path.name: path.read_text() for path in (service.folder / "conf.d").iterdir()}
        go(touchpoint, plugin, 4)
        assert touchpoint.knobs(plugin)[0].persistent
        assert touchpoint.persist(plugin, "processes", 4)
        life = touchpoint.incarnation(plugin)
        assert 'environment = ROOM="of tasks"' in fragment(service).read_text()
        service.restart()
        wait_for(lambda: len(service.pids("worker.py")) == 4)
        assert touchpoint.incarnation(plugin) != life
        wait_for(lambda: touchpoint.knobs(plugin)[0].value == 4)
        go(touchpoint, plugin, 2)
        wait_for(lambda: {p.name: p.read_text() for p in (service.folder / "conf.d").iterdir()} == before)

        def forgotten() -> bool:
            touchpoint.sense(plugin, time.time())  # every few seconds: what has ended by then is taken away
            return {info.group for info in service.rpc.processes()} == {"tasks", "other"}

        wait_for(forgotten)


def test_fewer_than_its_own_are_not_called_lasting(tmp_path: Path) -> None:
    """A restart starts all of numprocs: the engine has to stop them again, and knows."""
    with start_supervisord(tmp_path / "s") as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        go(touchpoint, plugin, 1)
        assert not touchpoint.knobs(plugin)[0].persistent
        assert touchpoint.persist(plugin, "processes", 1) is False
        service.restart()
        wait_for(lambda: touchpoint.knobs(plugin)[0].value == 2)


def test_changes_of_others_are_not_applied_by_the_way(tmp_path: Path) -> None:
    """Somebody edits the neighbour and its numprocs and has not updated yet: neither is started anew by our step."""
    with start_supervisord(tmp_path / "s") as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        other = service.folder / "conf.d" / "other.conf"
        others = service.pids("sleep")
        other.write_text(other.read_text().replace("sleep 1000", "sleep 2000"))
        go(touchpoint, plugin, 3)
        assert service.pids("sleep") == others
        (service.folder / "conf.d" / "wrong.conf").write_text("[program:wrong]\nnumprocs = many\n")
        before = fragment(service).read_text()
        with pytest.raises(Refused, match="reloadConfig"):
            touchpoint.turn(plugin, "processes", 4)
        assert fragment(service).read_text() == before
        wait_for(lambda: len(service.pids("worker.py")) == 3)


def test_processes_that_do_not_come_up_are_told_and_none_is_added(tmp_path: Path) -> None:
    """FATAL is a finding; more of the same would fail as well."""
    fails = TASKS.replace("{numprocs}", "2").replace("startsecs = 1", "startsecs = 1\nstartretries = 0")
    with start_supervisord(tmp_path / "s", program=fails) as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        wait_for(
            lambda: {info.state for info in service.rpc.processes()} == {"RUNNING"}
        )  # for a second: they have read it
        (service.folder / "worker.py").write_text("raise SystemExit(1)")
        service.rpc.stop("tasks:tasks_01")
        wait_for(lambda: count(touchpoint, plugin) == 1)

        def failed() -> bool:
            with contextlib.suppress(Refused):
                touchpoint.turn(plugin, "processes", 2)
            values = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
            return values[Metric.FAILED_WORKERS] == 1

        wait_for(failed, what="a process in FATAL")
        with pytest.raises(Refused, match="FATAL"):
            touchpoint.turn(plugin, "processes", 2)


def test_a_process_that_does_not_stop_still_counts(tmp_path: Path) -> None:
    """It is told to go, is deaf and has an hour: nobody says that it went until it has."""
    shell = "command = /bin/sh -c \"trap '' TERM; while :; do sleep 1; done\"\nstopwaitsecs = 3600"
    deaf = re.sub("command = .*", shell, TASKS).replace("{numprocs}", "2")
    with start_supervisord(tmp_path / "s", program=deaf) as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        wait_for(lambda: {info.state for info in service.rpc.processes()} == {"RUNNING"})
        pids = service.pids("trap")
        touchpoint.turn(plugin, "processes", 1)
        wait_for(lambda: "STOPPING" in {info.state for info in service.rpc.processes()})
        with pytest.raises(UnderWay, match="tasks_01 is still stopping: supervisord kills it after 3600 s"):
            touchpoint.knobs(plugin)
        touchpoint.turn(plugin, "processes", 1)  # nor is another one told to go meanwhile
        assert len(pids) == 2
        assert service.pids("trap") == pids
        (stopping,) = [info.pid for info in service.rpc.processes() if info.state == "STOPPING"]
        os.kill(stopping, signal.SIGKILL)
        wait_for(lambda: "STOPPING" not in {info.state for info in service.rpc.processes()})
        assert touchpoint.knobs(plugin)[0].value == 1


def test_an_added_process_that_does_not_come_up_is_taken_back(tmp_path: Path) -> None:
    """The way back from a step that failed leaves neither a process nor a file."""
    with start_supervisord(tmp_path / "s") as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        wait_for(
            lambda: {info.state for info in service.rpc.processes()} == {"RUNNING"}
        )  # for a second: they have read it
        (service.folder / "worker.py").write_text("raise SystemExit(1)")
        touchpoint.turn(plugin, "processes", 3)
        assert fragment(service).exists()

        def gone() -> bool:
            touchpoint.turn(plugin, "processes", 2)
            groups = {info.group for info in service.rpc.processes()}
            return not fragment(service).exists() and groups == {"tasks", "other"}

        wait_for(gone, 120.0)
        wait_for(lambda: len(service.pids("worker.py")) == 2)


@pytest.mark.parametrize(
    ("numprocs", "main", "reason"),
    [
        (1, MAIN, "numprocs = 2"),
        (2, MAIN.partition("[include]")[0] + "[include]\nfiles = conf.d/tasks.conf conf.d/other.conf\n", "conf.d"),
    ],
)
def test_where_none_can_be_added_the_reason_is_told(tmp_path: Path, numprocs: int, main: str, reason: str) -> None:
    """One that was made for one process alone; a configuration without a place for a file of ours."""
    program = TASKS.replace("process_name = %(program_name)s_%(process_num)02d\n", "") if numprocs == 1 else TASKS
    with start_supervisord(tmp_path / "s", numprocs, program, main) as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == numprocs)
        told = " ".join(str(message.params) for message in touchpoint.unlocks(plugin))
        assert reason in told
        if numprocs == 1:
            assert reason in touchpoint.not_offered(plugin)["processes"]
            assert touchpoint.knobs(plugin) == []
        else:
            knob = touchpoint.knobs(plugin)[0]
            assert (knob.minimum, knob.maximum) == (1, 2)


def test_a_password_is_the_one_that_its_own_tool_uses(tmp_path: Path) -> None:
    """Where the configuration may be read it holds it; it is shown nowhere."""
    with start_supervisord(tmp_path / "s", password="open-sesame") as service:
        touchpoint = SupervisordTouchpoint()
        plugin = found(touchpoint, service)
        assert "open-sesame" not in repr((touchpoint, plugin))
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)


def test_a_supervisord_without_an_interface_is_named_with_the_reason(tmp_path: Path) -> None:
    """It is no plugin; `discover` says which two sections would make its groups plugins."""
    with start_supervisord(tmp_path / "s") as service:
        conf = service.folder / "supervisord.conf"
        conf.write_text(conf.read_text().replace("[rpcinterface:supervisor]", "[other]"))
        touchpoint = SupervisordTouchpoint()
        troubles = {p.plugin_id: why for p, why in touchpoint.found() if why}
        assert "rpcinterface" in troubles[f"supervisord-{service.pid}"]
        messages = touchpoint.unlocks(Plugin(f"supervisord-{service.pid}", "supervisord"))
        assert [message.code for message in messages] == ["unlock_supervisord_interface"]


def test_one_that_ended_is_gone(tmp_path: Path) -> None:
    """And nothing is asked of whoever has its socket now."""
    touchpoint = SupervisordTouchpoint()
    with start_supervisord(tmp_path / "s") as service:
        plugin = found(touchpoint, service)
    with pytest.raises(Gone):
        touchpoint.turn(plugin, "processes", 3)


@pytest.mark.parametrize(
    ("command", "known"),
    [
        (["/usr/bin/python3", "/usr/bin/supervisord", "-n", "-c", "/etc/supervisor/supervisord.conf"], True),
        ([sys.executable, "-m", "supervisor.supervisord"], True),
        (["/usr/bin/python3", "/usr/bin/supervisorctl", "status"], False),
        (["vim", "supervisord.conf"], False),
        ([], False),
    ],
)
def test_a_supervisord_is_known_by_its_command(command: list[str], known: bool) -> None:
    """And nothing else is taken for one."""
    assert (invocation_of(command) is not None) == known
