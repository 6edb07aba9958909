"""The price settings: a file somebody may change at any time, and the price that follows from them."""

import tomllib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact
from pathlib import Path

CENT = Decimal("0.01")
ROUNDINGS = ("half_up", "exact")
_exact = Context(traps=[Inexact])


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """What the file says. The discount of wholesale customers is in percent."""

    rounding: str
    wholesale_discount_percent: Decimal


def read_settings(path: Path) -> PriceSettings:
    """Raises OSError, ValueError where the file is not what it should be."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    rounding = document["rounding"]
    if rounding not in ROUNDINGS:
        raise ValueError(f"{path}: rounding is {rounding!r}; expected {' or '.join(ROUNDINGS)}")
    return PriceSettings(rounding, Decimal(document["wholesale_discount_percent"]))


class PriceFile:
    """The settings as last read from a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = path.stat().st_mtime_ns
        self.settings = read_settings(path)

    def reread(self) -> bool:
        """Read the file again if it changed; tell whether it did. Raises OSError, ValueError."""
        changed_at = self._path.stat().st_mtime_ns
        if changed_at == self._read_at:
            return False
        self._read_at, self.settings = changed_at, read_settings(self._path)
        return True


def list_price(item: int) -> Decimal:
    """Return a price in whole cents; an odd number of them, as shops like it."""
    return Decimal(199 + 20 * item) * CENT


def price(item: int, channel: str, settings: PriceSettings, rounding: str) -> Decimal:
    """Return what a customer of that channel pays, in whole cents.

    With the rounding `exact` a price that is not a whole number of cents is an error: raises decimal.Inexact.
    """
    amount = list_price(item)
    if channel == "wholesale":
        amount *= 1 - settings.wholesale_discount_percent / 100
    if rounding == "exact":
        return amount.quantize(CENT, context=_exact)
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
