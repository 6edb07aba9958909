"""Passwords, hashed with argon2id (19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet)."""

import threading
from functools import cache
from typing import TYPE_CHECKING

from ..domain import ConfigError, InvalidValue
from .problem import Problem

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 8, 128
HASHES_AT_ONCE = 4  # each takes 19 MiB and about 50 ms of a core
HASH_WAIT_SECONDS = 5.0
_slots = threading.BoundedSemaphore(HASHES_AT_ONCE)


def hash_password(password: str) -> str:
    """Return the encoded hash. Raises InvalidValue for a length outside 8…128, ConfigError without argon2."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidValue(f"a password has {SHORTEST} to {LONGEST} characters, not {len(password)}")
    return _hasher().hash(password)


def password_fits(password: str, encoded: str | None) -> bool:
    """Tell whether the password belongs to the hash. An unknown user (None) costs the same time and never fits."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    if len(password) > LONGEST:
        return False
    if not _slots.acquire(timeout=HASH_WAIT_SECONDS):
        raise Problem(429, "too_many_logins", "too many logins at once; try again in a moment", {"Retry-After": "5"})
    try:
        fits = _hasher().verify(encoded or _nobodys_hash(), password)
    except (Argon2Error, InvalidHashError):
        return False
    finally:
        _slots.release()
    return fits and encoded is not None


@cache
def _hasher() -> "PasswordHasher":
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        raise ConfigError("logins need argon2: pip install 'plugin-optimizer[server]'") from error
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")
