"""The Docker touchpoint keeps the promises that every touchpoint makes, on a real engine with a real kernel behind it."""

from collections.abc import Iterator

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.docker import DockerTouchpoint
from tests.docker_host import DockerHost, start_docker, why_not

pytestmark = [pytest.mark.extra, pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")]
NOBODY = Plugin("nobody", "docker", {"container": "nobody"})
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerHost]:
    with start_docker(tmp_path_factory.mktemp("docker")) as found:
        found.run("orders", "--cpus", "0.2", "--memory", "64m")
        found.run("jobs", "--cpu-quota", "20000", "--cpu-period", "50000")
        yield found


def subject_of(host: DockerHost, name: str, knob: str, elsewhere: float) -> TouchpointSubject:
    touchpoint = DockerTouchpoint(socket=host.socket)
    plugin = next(plugin for plugin in touchpoint.discover() if plugin.address["container"] == name)
    return TouchpointSubject(touchpoint, plugin, knob, elsewhere, NOBODY)


class TestCpus(TouchpointContract):
    """A limit that was told as `--cpus`."""

    @pytest.fixture
    def subject(self, host: DockerHost) -> TouchpointSubject:
        return subject_of(host, "orders", "cpu_percent", 35)


class TestQuota(TouchpointContract):
    """A limit that was told as a quota of a period of its own."""

    @pytest.fixture
    def subject(self, host: DockerHost) -> TouchpointSubject:
        return subject_of(host, "jobs", "cpu_percent", 55)


class TestMemory(TouchpointContract):
    """How much memory a container may use."""

    @pytest.fixture
    def subject(self, host: DockerHost) -> TouchpointSubject:
        return subject_of(host, "orders", "memory_bytes", 96 * MEBIBYTE)
