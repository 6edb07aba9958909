"""What `systemctl show` prints is understood as systemd 252 printed it; what is no answer is no conclusion."""

import pytest

from plugin_optimizer.domain import InvalidValue, Unobservable
from plugin_optimizer.touchpoints.systemd.systemctl import Systemctl, units_of

RECORDED = """Type=simple
MainPID=94
Result=success
NRestarts=2
ControlGroup=/system.slice/orders.service
CPUQuotaPerSecUSec=200ms
MemoryMax=67108864
Id=orders.service
LoadState=loaded
ActiveState=active
SubState=running
DropInPaths=/run/systemd/system.control/orders.service.d/50-CPUQuota.conf /etc/systemd/system.control/orders.service.d/50-MemoryMax.conf
Transient=no
InvocationID=cc3732bb13b04efea8bc7e734f3728bb

Result=success
NRestarts=0
ControlGroup=
Id=nosuch.service
LoadState=not-found
ActiveState=inactive
SubState=dead
InvocationID=

Id=fails.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
Result=exit-code
NRestarts=7
"""


def test_units_are_read_as_systemd_prints_them() -> None:
    """One that runs, one that is not there, one that waits for its next try."""
    units = units_of(RECORDED)
    orders, absent, failing = (units[name] for name in ("orders.service", "nosuch.service", "fails.service"))
    assert (orders.runs, orders.loaded, orders.restarts, orders.group) == (
        True,
        True,
        2,
        "/system.slice/orders.service",
    )
    assert not absent.loaded
    assert (failing.loaded, failing.runs, failing.restarts) == (True, False, 7)


def test_another_form_is_no_answer() -> None:
    """A block without a name, or with a word for a number, is told as unobservable."""
    for text in ("ActiveState=active\n", RECORDED.replace("NRestarts=2", "NRestarts=many")):
        with pytest.raises(Unobservable):
            units_of(text)


def test_only_names_of_services_are_handed_on() -> None:
    """What comes from an address reaches no command line unless it is the name of a service."""
    for name in ("--force.service", "x.service; reboot", "../x.service/", "orders", "a b.service", ""):
        with pytest.raises(InvalidValue):
            Systemctl().unit(name)


def test_a_host_without_systemctl_says_so() -> None:
    """Nothing is concluded where there is nobody to ask."""
    with pytest.raises(Unobservable, match="no systemctl"):
        Systemctl(("/nowhere/systemctl",)).all()
