"""Bearer tokens: `po_`, 32 random bytes in base 62, and a checksum; only their SHA-256 is ever stored."""

import hashlib
import hmac
import secrets
import zlib

PREFIX = "po_"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BODY_LENGTH = 43  # 62**43 > 2**256
CHECKSUM_LENGTH = 6  # 62**6 > 2**32


def mint() -> str:
    """Return a new token: 256 bits of chance. Shown once; keep its `digest`."""
    body = _base62(int.from_bytes(secrets.token_bytes(32)), BODY_LENGTH)
    return PREFIX + body + _checksum(body)


def digest(token: str) -> str:
    """Return the SHA-256 of a token (hex): what is stored and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def well_formed(token: str) -> bool:
    """Tell whether prefix, length and checksum fit, before any store is asked."""
    body, checksum = token[len(PREFIX) : -CHECKSUM_LENGTH], token[-CHECKSUM_LENGTH:]
    if not token.startswith(PREFIX) or len(body) != BODY_LENGTH or not token.isascii():
        return False
    return hmac.compare_digest(_checksum(body), checksum)


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits
