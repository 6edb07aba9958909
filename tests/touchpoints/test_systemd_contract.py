"""The systemd touchpoint keeps the promises that every touchpoint makes, on a real systemd with a real kernel behind it."""

from collections.abc import Iterator

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.systemd import SystemdTouchpoint
from tests.systemd_host import SystemdHost, start_systemd, why_not

pytestmark = [pytest.mark.extra, pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")]
NOBODY = Plugin("nobody", "systemd", {"unit": "nobody.service"})
MEBIBYTE = 1 << 20
ORDERS = """
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/sleep infinity
CPUQuota=20%
MemoryMax=64M
MemoryAccounting=yes
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemdHost]:
    with start_systemd(tmp_path_factory.mktemp("systemd"), {"orders.service": ORDERS}) as found:
        found.run("start", "orders.service")
        yield found


def subject_of(host: SystemdHost, knob: str, elsewhere: float) -> TouchpointSubject:
    touchpoint = SystemdTouchpoint(systemctl=host.systemctl, root=host.root)
    (plugin,) = touchpoint.discover()
    return TouchpointSubject(touchpoint, plugin, knob, elsewhere, NOBODY)


class TestQuota(TouchpointContract):
    """How much CPU a unit may use."""

    @pytest.fixture
    def subject(self, host: SystemdHost) -> TouchpointSubject:
        return subject_of(host, "CPUQuota", 35)


class TestMemory(TouchpointContract):
    """How much memory a unit may use."""

    @pytest.fixture
    def subject(self, host: SystemdHost) -> TouchpointSubject:
        return subject_of(host, "MemoryMax", 96 * MEBIBYTE)
