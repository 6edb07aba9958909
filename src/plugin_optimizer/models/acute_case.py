"""The case for a plan made of what happened since a promise was broken, without the quiet time before."""

from ..domain import Fleet, Message, PluginView, Window
from .breach import breach_of
from .pool_case import PoolCase, pool_case

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
    if isinstance(case, Message) or (case.shares.held_up.suspected and not case.shares.held_up.spoils):
        return None
    return case
