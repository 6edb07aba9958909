"""Names: the knob that is meant, and an id that is still free."""

from collections.abc import Container, Iterable

from ..domain import Knob, NotFound, Plugin

LONGEST_ID = 63


def knob_named(knobs: Iterable[Knob], plugin: Plugin, name: str, instead: str = "") -> Knob:
    """Return the knob of that name. Raises NotFound with those that there are, or with `instead`: why there is none of that name."""
    for knob in (found := list(knobs)):
        if knob.name == name:
            return knob
    known = ", ".join(knob.name for knob in found) or "none"
    raise NotFound(f"{plugin.plugin_id} has no knob {name!r}; {instead or f'it has {known}'}")


def free_id(base: str, taken: Container[str]) -> str:
    """Return a plugin id that is not taken: `base`, else the first of `base-2`, `base-3`… in as many characters as an id may have."""
    number, found = 1, base
    while found in taken:
        number += 1
        suffix = f"-{number}"
        found = base[: LONGEST_ID - len(suffix)] + suffix
    return found
