"""A unit that leaks towards its limit and a container that fails its health check: from the first look to one restart, judged."""

import time
from functools import partial
from pathlib import Path

import pytest

from plugin_optimizer import catalog
from plugin_optimizer.domain import LIFE, Execution, ExecutionState, Metric, Outcome, SuggestionState, following
from plugin_optimizer.plan import RestartPlanner, StatusPlanner
from plugin_optimizer.touchpoints.docker import DockerTouchpoint
from plugin_optimizer.touchpoints.systemd import SystemdTouchpoint
from tests import docker_host, systemd_host
from tests.live.test_limits import system_of, until

pytestmark = [pytest.mark.extra, pytest.mark.timeout(1800)]
FINAL = {ExecutionState.SUCCEEDED, ExecutionState.NEEDS_OPERATOR, ExecutionState.ROLLED_BACK, ExecutionState.ABORTED}
# 0.3 MB more twice a second, each byte of it written to.
LEAKS = "#!/usr/bin/perl\nmy @kept; while (1) { push @kept, 'x' x 150_000; select undef, undef, undef, 0.5 }\n"
UNIT = "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/usr/bin/perl {script}\nMemoryMax=300M\n"
ILL_ONCE = (
    "if [ -e /tmp/was ]; then : > /tmp/well; exec sleep 100000; fi; "
    ": > /tmp/was; : > /tmp/well; sleep 45; busybox rm /tmp/well; exec sleep 100000"
)
HEALTH = (
    "--health-cmd",
    "[ -e /tmp/well ]",
    "--health-interval",
    "1s",
    "--health-retries",
    "2",
    "--health-timeout",
    "60s",
)


def restarted(system, life: str) -> Execution:  # type: ignore[no-untyped-def]
    """Wait for the suggestion of a restart, approve it as a person does, and return what became of it."""

    def found() -> list:  # type: ignore[type-arg]
        every = system.state.suggestions(plugin_id="boxed", state=SuggestionState.OPEN)
        return [each for each in every if each.proposal.change is not None and each.proposal.change.ends_life]

    until(found, 900.0, "a suggestion to restart")
    (suggestion,) = found()
    assert (suggestion.proposal.change.before, suggestion.proposal.change.after) == (life, following(life))
    execution, _ = system.state.approve(suggestion.id, suggestion.revision, "admin", None, time.time())
    until(lambda: system.state.execution(execution.id).state in FINAL, 700.0, "the verdict")
    return system.state.execution(execution.id)


def check_helped(ended: Execution, metric: Metric) -> None:
    assert ended.state is ExecutionState.SUCCEEDED, (ended.reason, ended.verdict)
    assert ended.verdict is not None
    assert (ended.verdict.metric, ended.verdict.outcome) == (metric, Outcome.BETTER)
    assert not ended.persisted


@pytest.mark.skipif(bool(systemd_host.why_not()), reason=systemd_host.why_not() or "-")
def test_a_unit_that_leaks_is_restarted_once_and_judged_by_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four minutes of life instead of an hour are old enough here; one restart, less memory, nothing desired afterwards."""
    monkeypatch.setitem(catalog.PLANNERS, "restart", partial(RestartPlanner, least_life_seconds=240.0))  # type: ignore[arg-type]
    script = tmp_path / "leaks.pl"
    script.write_text(LEAKS)
    with systemd_host.start_systemd(tmp_path / "host", {"boxed.service": UNIT.format(script=script)}) as host:
        host.run("start", "boxed.service")
        system = system_of(tmp_path, {"touchpoint": "systemd", "unit": "boxed.service"})
        touchpoint = SystemdTouchpoint(system.config.plugins, host.systemctl, host.root)
        system.touchpoints = {**system.touchpoints, "systemd": touchpoint}
        try:
            first, life = host.value("boxed.service", "InvocationID"), life_of(touchpoint, system.config.plugins[0])
            system.runner.start()
            check_helped(restarted(system, life), Metric.MEMORY_RATIO)
            assert host.value("boxed.service", "InvocationID") != first
            assert system.state.desired() == []
        finally:
            system.close()


@pytest.mark.skipif(bool(docker_host.why_not()), reason=docker_host.why_not() or "-")
def test_a_container_that_fails_its_health_check_is_restarted_and_judged_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ill in its first life and well in its second; the same container, started again."""
    monkeypatch.setitem(catalog.PLANNERS, "status", partial(StatusPlanner, least_life_seconds=20.0))  # type: ignore[arg-type]
    with docker_host.start_docker(tmp_path / "host") as host:
        container = host.run("boxed", *HEALTH, command=ILL_ONCE)
        system = system_of(tmp_path, {"touchpoint": "docker", "container": "boxed"})
        touchpoint = DockerTouchpoint(system.config.plugins, host.socket)
        system.touchpoints = {**system.touchpoints, "docker": touchpoint}
        try:
            life = life_of(touchpoint, system.config.plugins[0])
            system.runner.start()
            check_helped(restarted(system, life), Metric.HEALTHY)
            assert (
                host.docker("inspect", "--format", "{{.Id}} {{.State.Health.Status}}", "boxed")
                == f"{container} healthy"
            )
        finally:
            system.close()


def life_of(touchpoint, plugin) -> str:  # type: ignore[no-untyped-def]
    return str(next(knob.value for knob in touchpoint.knobs(plugin) if knob.kind == LIFE))
