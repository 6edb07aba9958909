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


HANGING = """Id={name}.service
LoadState=loaded
Type={type}
ActiveState={active}
SubState={sub}
TimeoutStartUSec={limit}
TimeoutStopUSec={limit}
InvocationID=cc3732bb13b04efea8bc7e734f3728bb
"""


@pytest.mark.parametrize(
    ("unit_type", "active", "sub", "limit", "told"),
    [
        (
            "simple",
            "deactivating",
            "stop-sigterm",
            "1min 30s",
            "still stopping (stop-sigterm): the manager kills it after 1min 30s",
        ),
        (
            "notify",
            "activating",
            "start",
            "infinity",
            "still starting (start): for as long as it takes, no limit is set",
        ),
        ("notify", "activating", "start-pre", "5min", "still starting (start-pre): the manager gives it up after 5min"),
        ("simple", "activating", "auto-restart", "5min", ""),
        ("simple", "failed", "failed", "5min", ""),
    ],
)
def test_what_does_not_come_to_an_end_does_not_run_and_is_told(
    unit_type: str, active: str, sub: str, limit: str, told: str
) -> None:
    """Neither a unit that hangs on its way up nor one that hangs on its way down is up, stopped or gone."""
    text = HANGING.format(name="orders", type=unit_type, active=active, sub=sub, limit=limit)
    (unit,) = units_of(text).values()
    assert not unit.runs
    assert unit.under_way == (f"orders.service is {told}" if told else "")


def test_what_runs_once_runs_while_it_starts() -> None:
    """A job of Type=oneshot is `activating` for all of its life."""
    text = HANGING.format(name="job", type="oneshot", active="activating", sub="start", limit="infinity")
    assert units_of(text)["job.service"].runs


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
