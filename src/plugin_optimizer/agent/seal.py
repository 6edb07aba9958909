"""The key both sides share, and what it proves: who wrote a message, and that nobody changed a byte of it."""

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from ..domain import ConfigError, Refused

KEY_BYTES = 32
LONGEST_KEY_BYTES = 1024
SEAL_BYTES = hashlib.sha256().digest_size
HELLO, REQUEST, ANSWER = b"hello 1\0", b"request 1\0", b"answer 1\0"
GREETING = b"hello 2\0"


def seal(key: bytes, purpose: bytes, payload: bytes) -> bytes:
    """Return HMAC-SHA256 (RFC 2104) over the purpose and the message: one cannot be passed off for another."""
    return hmac.digest(key, purpose + payload, "sha256")


def check_seal(key: bytes, purpose: bytes, payload: bytes, given: bytes) -> None:
    """Raise Refused unless the message was sealed with our key for this purpose."""
    if not hmac.compare_digest(seal(key, purpose, payload), given):
        raise Refused("a message was not sealed with this agent's key")


def read_key(path: Path) -> bytes:
    """Return the key. Raises ConfigError for a file that others may read, or that is not one of ours."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            _check_private(path, os.fstat(file.fileno()))
            key = file.read(LONGEST_KEY_BYTES)
    except OSError as error:
        raise ConfigError(f"the agent's key {path} cannot be read: {error.strerror}") from error
    if len(key) < KEY_BYTES:
        raise ConfigError(f"the agent's key {path} holds {len(key)} bytes; expected at least {KEY_BYTES}")
    return key


def make_key(path: Path) -> bytes:
    """Return the key, made now where there is none. Raises ConfigError."""
    with contextlib.suppress(FileExistsError):
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise
        except OSError as error:
            raise ConfigError(f"the agent's key {path} cannot be made: {error.strerror}") from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(descriptor)
    return read_key(path)


def _check_private(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.geteuid()):
        raise ConfigError(f"the agent's key {path} has to be a file of our own or of root")
    if found.st_mode & 0o077:
        raise ConfigError(f"the agent's key {path} may be read by others; chmod 600 it, and make a new one")
