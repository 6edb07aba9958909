"""How whoever receives a request of ours (a notification, an order) knows that it comes from here and is not an old one.

HMAC-SHA256 over time and body. The header reads `t=<Unix seconds>,v1=<hexadecimal digest>`; what is signed is `<t>.<body>` as it was sent.
"""

import hashlib
import hmac

HEADER = "X-Plugin-Optimizer-Signature"
TOLERANCE_SECONDS = 300.0


def sign(secret: str, body: bytes, at: float) -> str:
    """Return the header's value for a body that is sent at `at` (Unix seconds)."""
    return f"t={int(at)},v1={_digest(secret, int(at), body)}"


def verify(secret: str, body: bytes, header: str, now: float, tolerance_seconds: float = TOLERANCE_SECONDS) -> bool:
    """Tell whether the header fits the body as it was received, and was made within the tolerance."""
    given = dict(part.partition("=")[::2] for part in header.split(","))
    try:
        at = int(given.get("t", ""))
    except ValueError:
        return False
    if abs(now - at) > tolerance_seconds:
        return False
    return hmac.compare_digest(_digest(secret, at, body).encode(), given.get("v1", "").encode())


def _digest(secret: str, at: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d.%s" % (at, body), hashlib.sha256).hexdigest()
