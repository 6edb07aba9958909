"""An overload that ended with a change, and fewer arrivals since: is the change the reason, or did the load fall by itself?

Clients that give up and try again keep a service overloaded that its usual load would not overload (a metastable state; Bronson
et al., Metastable failures in distributed systems, HotOS 2021). More workers end that, the retries cease, and what is left would
do with the old count as well: a replay of what came afterwards must say "same", though undoing lets the next peak begin it anew.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain import Message, Outcome
from ..models.repeats import repeats, share_repeated
from .counterfactual import slots_of
from .judgement import Decided
from .paired_replay import PairedReplay

LEAST_FALL = 1.05  # times fewer arrivals: less is no other load
LEAST_REPEATED = 0.20  # of the arrivals before, to speak of retries
CEASED = 0.25  # of that share, from which on they have ended
SAME_FRESH = 0.85  # of the arrivals that were no retries: the usual load went on


@dataclass(frozen=True, slots=True)
class Relief:
    """An overload ended with more slots, and `load_ratio` of the arrivals are left. `retry_seconds` and `retried` tell after what
    time clients tried again and what share of the arrivals before they were, where their end explains the fall (else 0).
    """

    load_ratio: float
    retry_seconds: float = 0.0
    retried: float = 0.0

    @property
    def explained(self) -> bool:
        return self.retried > 0

    @property
    def objections(self) -> Callable[[Decided], tuple[Message, ...]]:
        """Return what speaks against "same": with as many arrivals as before the old count was overloaded."""
        lighter = Message("load_changed", {"effect_ratio": round(self.load_ratio, 4)})
        return lambda decided: (lighter,) if decided.outcome is Outcome.SAME else ()

    @property
    def told(self) -> tuple[Message, ...]:
        params = {"share_ratio": round(self.retried, 4), "after_seconds": round(self.retry_seconds, 2)}
        return (Message("retries_ceased", params),) if self.explained else ()


def relief_of(pair: PairedReplay) -> Relief | None:
    """Return the relief, None where there was no overload before, no more slots since, or no fewer arrivals."""
    ratio = pair.load_ratio
    if not pair.self_check.overloaded or slots_of(pair.new) <= slots_of(pair.old) or ratio * LEAST_FALL >= 1:
        return None
    found = repeats(pair.before.arrival)
    if found.share < LEAST_REPEATED:
        return Relief(ratio)
    left = share_repeated(pair.after.arrival, found.after_seconds)
    fresh_ratio = ratio * (1 - left) / max(1 - found.share, 1e-9)
    if left > CEASED * found.share or fresh_ratio < SAME_FRESH:
        return Relief(ratio)
    return Relief(ratio, found.after_seconds, found.share)
