"""One line of the table that `make test-reliability` prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A promise, what was done to break it, what came out, what was promised, and whether it held."""

    promise: str
    what: str
    figure: str
    target: str
    held: bool
