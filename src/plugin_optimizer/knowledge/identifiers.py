"""Identifiers that sort by time and cannot be guessed.

The form is that of a ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, in Crockford's base 32.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TIME_BITS = 48
RANDOM_BITS = 80
CHARACTERS = 26


def new_id(prefix: str, at: float) -> str:
    """Return `prefix_` and 26 characters; of two, the one of the later millisecond sorts last."""
    milliseconds = min(max(0, int(at * 1000)), (1 << TIME_BITS) - 1)
    number = (milliseconds << RANDOM_BITS) | secrets.randbits(RANDOM_BITS)
    return f"{prefix}_{_base32(number)}"


def _base32(number: int) -> str:
    shifts = range(5 * (CHARACTERS - 1), -1, -5)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in shifts)
