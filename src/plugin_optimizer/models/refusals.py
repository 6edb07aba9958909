"""Why more workers cannot help, read off where the time of requests goes."""

from ..domain import Message
from .shares import Bottleneck, Shares


def cannot_help(shares: Shares) -> Message | None:
    """Return why more workers cannot help, None where they may."""
    if shares.bottleneck is Bottleneck.CPU:
        return cpu_limited(shares)
    if shares.bottleneck is Bottleneck.CONTENTION:
        return _contention(shares)
    if shares.bottleneck in (Bottleneck.DEPENDENCY, Bottleneck.COMPUTE):
        return Message("workers_do_not_help", _where(shares))
    return None


def _contention(shares: Shares) -> Message:
    held_up = shares.held_up
    worth: dict[str, float | str | None] = {"worth_ratio": held_up.known_worth}
    if held_up.spoils and held_up.rival:
        return Message("contention_with", {"plugin": held_up.rival, **worth})
    return Message("contention_behind", {"slower_ratio": shares.contention, **worth})


def cpu_limited(shares: Shares) -> Message:
    """Return the refusal where all cores are taken, or will be before another worker helps."""
    return Message("cpu_limited", {**_where(shares), "utilisation_ratio": shares.utilisation})


def _where(shares: Shares) -> dict[str, float]:
    return {"cpu_wait_share_ratio": shares.cpu_wait_of_wall, "queue_share_ratio": shares.queue}
