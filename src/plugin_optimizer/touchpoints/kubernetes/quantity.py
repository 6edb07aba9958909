"""Amounts as Kubernetes writes them: `500m` cores, `128Mi` bytes, `1e3`."""

import re
from fractions import Fraction

from ...domain import Unobservable

# Source: Kubernetes, apimachinery, pkg/api/resource/quantity.go: <quantity> ::= <signedNumber><suffix>
NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)", re.ASCII)
DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
MEBIBYTE = 1 << 20


def parse_quantity(text: object) -> Fraction:
    """Return the number (cores or bytes), exactly. Raises Unobservable for what is none."""
    found = NUMBER.fullmatch(str(text))
    if found is None:
        raise Unobservable(f"{str(text)[:80]!r} is no quantity of Kubernetes")
    number, exponent, suffix = found.groups()
    if exponent:
        return Fraction(number) * Fraction(10) ** int(exponent[1:])
    if suffix in BINARY:
        return Fraction(number) * (1 << BINARY[suffix])
    return Fraction(number) * Fraction(10) ** DECIMAL.get(suffix or "", 0)


def cores_text(cores: float) -> str:
    """Return an amount of CPU in whole thousandths, rounded up as Kubernetes does."""
    return f"{-(-Fraction(cores).limit_denominator(10**6) * 1000 // 1)}m"


def bytes_text(count: int) -> str:
    """Return an amount of memory, in Mi where that is exact."""
    return f"{count // MEBIBYTE}Mi" if count % MEBIBYTE == 0 else str(count)
