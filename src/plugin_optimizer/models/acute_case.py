"""The case for a plan made of what happened since a promise was broken, without the quiet time before."""

from dataclasses import replace

from ..domain import Fleet, Message, PluginView, Window
from .breach import breach_of
from .contention import Contention, contention
from .pool_case import PoolCase, pool_case
from .running_since import START_UP_SECONDS, running_since
from .series import recorded

LEAST_SECONDS, LEAST_REQUESTS = 10.0, 50  # what is to be gained from a breach that is certain shows in few requests


def acute_case(view: PluginView, window: Window, fleet: Fleet) -> PoolCase | None:
    """Return the case of the requests since a certain breach began; None without one, where they are too few, or where they
    seem to hold each other up: that takes longer to tell, and then no worker helps.

    A replay of the whole window would ask how more workers had done before the fault, too, and find that all was well.
    """
    breach = breach_of(view, window, fleet.now)
    if breach is None:
        return None
    case = pool_case(view, window, fleet, LEAST_SECONDS, LEAST_REQUESTS, breach.since)
    if isinstance(case, Message):
        return None
    rivals = case.shares.held_up.stronger(_rivals(case, window, fleet))
    if rivals.suspected and not rivals.spoils:
        return None
    return replace(case, shares=replace(case.shares, held_up=rivals))


def _rivals(case: PoolCase, window: Window, fleet: Fleet) -> Contention:
    """Return what all requests under this count say of rivalry: those of the quiet time and of the start tell as well."""
    if case.pool.threads > 1:
        return Contention()
    begin = running_since(case.view, window) - START_UP_SECONDS
    return contention(recorded(case.view.trace, begin, fleet.now), case.workers)
