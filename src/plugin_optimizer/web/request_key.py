"""The key that a client sends along to have a repeated request known again."""

from .problem import Problem
from .route import Call

KEY_LIMIT = 200


def given_key(call: Call) -> str | None:
    """Return the header Idempotency-Key, None where there is none; raises Problem 400 for one that cannot be kept."""
    key = call.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= KEY_LIMIT and key.isprintable()):
        raise Problem(400, "invalid_field", f"Idempotency-Key must have 1 to {KEY_LIMIT} printable characters")
    return key
