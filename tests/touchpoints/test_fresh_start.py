"""A restart as a knob: named by the life it ends, offered only where it loses nothing that is known of."""

import os
import subprocess
import sys

import pytest

from plugin_optimizer.domain import InvalidValue, Plugin, Refused, Reversibility, following
from plugin_optimizer.touchpoints.fresh_start import kept_in_memory, life_knob, to_restart, why_not
from plugin_optimizer.touchpoints.systemd.systemctl import units_of

LIFE = "2026-11-30T20:00:00Z 4f2a91c0"


def test_only_the_life_that_is_meant_is_ended() -> None:
    """The present one: restart. Another one's end, or the present one itself: nothing. An earlier one: it does not come back."""
    assert to_restart(LIFE, following(LIFE))
    assert not to_restart(LIFE, LIFE)
    assert not to_restart(LIFE, following("2026-11-29T07:00:00Z 00000000"))
    with pytest.raises(Refused):
        to_restart(LIFE, "2026-11-29T07:00:00Z 00000000")
    for nonsense in (7, "", True):
        with pytest.raises(InvalidValue):
            to_restart(LIFE, nonsense)


def test_it_is_never_left_to_automatic_mode() -> None:
    """Irreversible, so a person decides; both of its values are valid ones."""
    knob = life_knob(LIFE)
    assert knob.reversibility is Reversibility.IRREVERSIBLE
    assert {knob.checked(value) for value in knob.choices} == {LIFE, following(LIFE)}


def test_who_keeps_things_in_memory_is_found_among_the_processes() -> None:
    """By the name that the kernel has; processes that are gone, and ourselves, are none."""
    with subprocess.Popen([sys.executable, "-c", "open('/proc/self/comm','w').write('memcached'); print(1, flush=True); input()"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        assert kept_in_memory([2**22 + 1, os.getpid(), process.pid]) == "memcached"
        process.communicate(b"\n")
    assert kept_in_memory([os.getpid()]) == ""


def test_a_loss_has_to_be_accepted_in_writing() -> None:
    """One line of the configuration offers it all the same, and the refusal says which."""
    assert why_not(Plugin("orders", "systemd"), "") == {}
    said = why_not(Plugin("orders", "systemd"), "what memcached holds in memory")["life"]
    assert "memcached" in said
    assert 'restart_loses_state = "accepted"' in said
    accepted = Plugin("orders", "systemd", {"restart_loses_state": "accepted"})
    assert why_not(accepted, "what memcached holds in memory") == {}


def test_a_units_life_is_named_by_its_start_and_its_invocation() -> None:
    """As systemctl prints it in UTC; one that never started has none; who is restarted along is told."""
    shown = (
        "Id=orders.service\nLoadState=loaded\nActiveState=active\nSubState=running\nType=simple\nNRestarts=0\n"
        "InvocationID=4f2a91c0d0e1f203\nControlGroup=/system.slice/orders.service\nTransient=no\nRefuseManualStop=no\n"
        "ExecMainStartTimestamp=Mon 2026-11-30 20:00:00 UTC\nRequiredBy=shop.service\nConsistsOf=mail.service\n"
    )
    unit = units_of(shown)["orders.service"]
    assert unit.life == LIFE
    assert unit.along == ("mail.service", "shop.service")
    assert unit.by_hand
    assert units_of(shown.replace("Mon 2026-11-30 20:00:00 UTC", ""))["orders.service"].life == ""
    assert units_of(shown.replace("Mon 2026-11-30 20:00:00 UTC", "n/a"))["orders.service"].life == ""
    assert not units_of(shown.replace("RefuseManualStop=no", "RefuseManualStop=yes"))["orders.service"].by_hand
