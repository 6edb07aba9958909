"""A unit of systemd and a container of Docker that their CPU limits stop: from the first look to the kept larger limit."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin_optimizer.bootstrap import System, build
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import FINAL, Execution, ExecutionState, Metric, Outcome, SuggestionState, SuggestionType
from plugin_optimizer.touchpoints.docker import DockerTouchpoint
from plugin_optimizer.touchpoints.systemd import SystemdTouchpoint
from tests import docker_host, systemd_host

pytestmark = [pytest.mark.extra, pytest.mark.timeout(900)]
POLICY = {"settle_seconds": 10.0, "verify_seconds": 300.0, "cooldown_seconds": 5.0}
NEEDS = "while :; do i=0; while [ $i -lt 8000 ]; do i=$((i+1)); done; sleep 0.05; done"  # some milliseconds of each tenth of a second
UNIT = "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sh {script}\nCPUQuota=1%\n"


def until(promise: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not promise():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.3)


def system_of(tmp_path: Path, plugin: dict[str, str]) -> System:
    document = {
        "engine": {
            "interval_seconds": 1.0,
            "state_dir": str(tmp_path / "state"),
            "home": str(tmp_path / "home"),
            "discover": False,
        },
        "statsd": {"enabled": False},
        "policy": POLICY,
        "plugins": {"boxed": plugin},
    }
    return build(parse_config(document))


def suggested_and_executed(system: System, knob: str) -> Execution:
    """Wait for the suggestion, approve it, and return what became of it."""
    found = lambda: system.state.suggestions(plugin_id="boxed", state=SuggestionState.OPEN)  # noqa: E731
    until(found, 300.0, "a suggestion")
    (suggestion,) = found()
    change = suggestion.proposal.change
    assert change is not None
    assert suggestion.proposal.type is SuggestionType.UPDATE_CONFIG
    assert (change.knob, change.before, change.goal.metric) == (knob, 1, Metric.THROTTLED_RATIO)
    assert int(change.after) > 1
    execution, _ = system.state.approve(suggestion.id, suggestion.revision, "admin", None, time.time())
    until(lambda: system.state.execution(execution.id).state in FINAL, 500.0, "the verdict")
    return system.state.execution(execution.id)


def check_helped(ended: Execution) -> None:
    assert ended.state is ExecutionState.SUCCEEDED, (ended.reason, ended.verdict)
    assert ended.verdict is not None
    assert ended.verdict.outcome is Outcome.BETTER
    assert ended.persisted


@pytest.mark.skipif(bool(systemd_host.why_not()), reason=systemd_host.why_not() or "-")
def test_a_throttled_unit_is_given_more_proven_kept_and_can_be_sent_back(tmp_path: Path) -> None:
    """1 % is raised, judged better, written where it lasts; a rollback by a person takes the kernel and the drop-in back."""
    script = tmp_path / "needs.sh"
    script.write_text(NEEDS)
    with systemd_host.start_systemd(tmp_path / "host", {"boxed.service": UNIT.format(script=script)}) as host:
        host.run("start", "boxed.service")
        system = system_of(tmp_path, {"touchpoint": "systemd", "unit": "boxed.service"})
        touchpoint = SystemdTouchpoint(system.config.plugins, host.systemctl, host.root)
        system.touchpoints = {**system.touchpoints, "systemd": touchpoint}
        try:
            system.runner.start()
            ended = suggested_and_executed(system, "CPUQuota")
            check_helped(ended)
            quota = lambda: host.group("cpu", "boxed.service", "cpu.cfs_quota_us")  # noqa: E731
            assert int(quota()) == int(ended.change.after) * 1000
            host.run("daemon-reload")
            host.run("restart", "boxed.service")
            assert int(quota()) == int(ended.change.after) * 1000
            system.state.ask_rollback(ended.id, "admin", time.time())
            back = lambda: system.state.execution(ended.id).state is ExecutionState.ROLLED_BACK  # noqa: E731
            until(back, 120.0, "the way back")
            assert quota() == "1000"
            host.run("daemon-reload")
            assert quota() == "1000"
        finally:
            system.close()


@pytest.mark.skipif(bool(docker_host.why_not()), reason=docker_host.why_not() or "-")
def test_a_throttled_container_is_given_more_and_made_anew_given_it_again(tmp_path: Path) -> None:
    """1 % is raised and judged better; one that is made anew with the old limit is given the kept one."""
    with docker_host.start_docker(tmp_path / "host") as host:
        host.run("boxed", "--cpus", "0.01", command=NEEDS)
        system = system_of(tmp_path, {"touchpoint": "docker", "container": "boxed"})
        touchpoint = DockerTouchpoint(system.config.plugins, host.socket)
        system.touchpoints = {**system.touchpoints, "docker": touchpoint}
        try:
            system.runner.start()
            ended = suggested_and_executed(system, "cpu_percent")
            check_helped(ended)
            host.docker("rm", "-f", "boxed")
            second = host.run("boxed", "--cpus", "0.01", command=NEEDS)
            quota = lambda: int(host.group("cpu", second, "cpu.cfs_quota_us"))  # noqa: E731
            until(lambda: quota() == int(ended.change.after) * 1000, 120.0, "the kept limit of the container made anew")
        finally:
            system.close()
