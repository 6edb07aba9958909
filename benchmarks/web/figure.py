"""What a row of the table says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .stage import Stage


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: `held` is None for what is reported only, or could not be measured here."""

    name: str
    measured: str
    target: str
    held: bool | None

    @property
    def word(self) -> str:
        return {True: "held", False: "MISSED", None: "–"}[self.held]


Row = Callable[[Stage], Iterable[Figure]]


def at_most(name: str, value: float, limit: float, unit: str, more: str = "") -> Figure:
    """Return the line of a figure that must not pass a limit."""
    digits = ".4g" if unit == "kB" else ".3g"  # a hundred grams decide there
    return Figure(name, f"{value:{digits}} {unit}{more}".replace(" %", " %"), f"≤ {limit:g} {unit}", value <= limit)


def exactly(name: str, value: object, wanted: object, unit: str = "") -> Figure:
    """Return the line of a figure that must be what it should be."""
    return Figure(name, f"{value} {unit}".strip(), f"{wanted} {unit}".strip(), value == wanted)


def reported(name: str, measured: str, target: str = "reported") -> Figure:
    return Figure(name, measured, target, None)
