"""How often somebody may try to log in: counted before anything expensive is done, for all processes together."""

from ..contracts import StateStore
from .problem import Problem

LONGEST_NAME = 64


def count_try(state: StateStore, name: str, address: str, now: float) -> None:
    """Count a try; raise Problem 429 with Retry-After when there were too many already."""
    wait_seconds = state.count_login(name[:LONGEST_NAME], address[:LONGEST_NAME], now)
    if wait_seconds > 0.0:
        retry = max(1, round(wait_seconds))
        detail = f"too many tries to log in; try again in {retry} s"
        raise Problem(429, "too_many_logins", detail, {"Retry-After": str(retry)})


def forgive_tries(state: StateStore, name: str, address: str) -> None:
    """Forget the tries of somebody who logged in."""
    state.forgive_logins(name[:LONGEST_NAME], address[:LONGEST_NAME])
