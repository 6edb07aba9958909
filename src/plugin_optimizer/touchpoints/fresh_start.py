"""A restart as a knob: its value names the present life, and it can only be turned to the one after that.

That makes it absolute: the same order given twice restarts once, and whether it happened is seen by looking.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice

from ..domain import (
    LIFE,
    Disruption,
    InvalidValue,
    Knob,
    OptimizerError,
    Plugin,
    Refused,
    Reversibility,
    Value,
    following,
)
from .process_identity import read_process_file

NAME = "life"
LOSES = (
    "restart_loses_state"  # of a plugin's section of the configuration: whoever writes "accepted" knows what is lost
)
ACCEPTED = "accepted"
MOST_LOOKED_AT = 200  # processes, the oldest first: whoever serves from memory is not the last of so many
IN_MEMORY = frozenset(
    {"memcached", "redis-server", "valkey-server", "keydb-server", "dragonfly"}
)  # as the kernel names them


def life_knob(life: str) -> Knob:
    """Return the knob of a life of that name. Nobody gets the old one back: never by itself."""
    return Knob(
        name=NAME,
        value=life,
        choices=(life, following(life)),
        disruption=Disruption.RESTART,
        reversibility=Reversibility.IRREVERSIBLE,
        persistent=False,
        kind=LIFE,
    )


def ended_life(life: str) -> Knob:
    """Return the knob of a life that has ended before another one began: it can be looked at, and turned nowhere."""
    return replace(life_knob(life), choices=(life,))


def to_restart(life: str, to: Value) -> bool:
    """Tell whether this order still wants a restart: not where another life has followed already, or none was asked for.

    Raises InvalidValue for what names no life; Refused for an earlier life, which does not come back.
    """
    if not isinstance(to, str) or not to:
        raise InvalidValue(f"{NAME} takes {following(life)!r}, not {to!r}")
    if to in (life, following(life)):
        return to != life
    if to.startswith(following("")):
        return False
    raise Refused("a life that has ended does not come back")


def kept_in_memory(pids: Iterable[int]) -> str:
    """Return the name of a program among these processes that keeps what it has in memory; empty where none is known to."""
    for pid in islice(pids, MOST_LOOKED_AT):
        try:
            name = read_process_file(pid, "comm").decode(errors="replace").strip()
        except OptimizerError:
            continue
        if name in IN_MEMORY:
            return name
    return ""


def loss_accepted(plugin: Plugin) -> bool:
    """Tell whether the configuration says that what a restart loses may be lost."""
    return plugin.address.get(LOSES) == ACCEPTED


def why_not(plugin: Plugin, loses: str) -> Mapping[str, str]:
    """Return why there is no such knob, where a restart loses something and nobody has accepted that."""
    if not loses or loss_accepted(plugin):
        return {}
    return {NAME: f'a restart would lose {loses}; {LOSES} = "{ACCEPTED}" in its section offers it all the same'}
