"""The calibration ledger of each state store that this process serves, so that no execution is read twice."""

import threading
from weakref import WeakKeyDictionary

from ..contracts import StateStore
from ..execute.ledger import Ledger
from .system import SystemLike

_KNOWN: "WeakKeyDictionary[StateStore, Ledger]" = WeakKeyDictionary()
_GUARD = threading.Lock()


def ledger_of(system: SystemLike) -> Ledger:
    """Return the ledger of the system's state."""
    state = system.state
    with _GUARD:
        known = _KNOWN.get(state)
        if known is None:
            known = _KNOWN[state] = Ledger(state, system.samples)
        return known
