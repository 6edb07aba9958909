"""The places where a crash matters, named, so that tests can die at each of them.

In production `hook` is None and a point costs one comparison. A test sets it to whatever is to happen there: raise,
kill the process, stop it. The names are those of `docs/SAFETY.md`; what restart does at each stands there too.
"""

from collections.abc import Callable

from ..domain import ExecutionState

POINTS = {
    "C05": "the claim is committed",
    "C06": "the last look before the intent was taken, nothing is written",
    "C08": "the intent is committed",
    "C09": "a forward step is announced, not taken",
    "C09L": "the last look before a forward step was taken, the order is not given",
    "C10": "a forward step is taken, nothing is recorded of it",
    "C11": "the last step was seen to have arrived, the receipt is not written",
    "C12": "the fate of a step is on record as unknown",
    "C13": "the plugin is on record as gone",
    "C14": "the receipt is committed",
    "C15": "settling, verifying or comparing is committed",
    "C16": "the verdict is computed, not written",
    "C16A": "that the value will be made to last is on record, it is not done",
    "C16P": "the value was made to last, nothing is recorded of it",
    "C16D": "the value is on record as kept, the execution is not yet",
    "C17": "success is committed, nobody was told",
    "C19": "the intent to roll back is committed",
    "C19P": "the kept value was taken back, nothing is recorded of it",
    "C20A": "a backward step is announced, not taken",
    "C20L": "the last look before a backward step was taken, the order is not given",
    "C20": "a backward step is taken, nothing is recorded of it",
    "C21": "the last backward step was seen to have arrived, that is not written",
    "C21R": "the roll-back is committed, nobody was told",
    "C22": "a foreign value is on record",
}

_S = ExecutionState
BEFORE_WRITE = {_S.APPLIED: "C11", _S.ROLLED_BACK: "C21"}
AFTER_WRITE = {
    _S.INTENT: "C08",
    _S.UNKNOWN: "C12",
    _S.GONE: "C13",
    _S.APPLIED: "C14",
    _S.SETTLING: "C15",
    _S.VERIFYING: "C15",
    _S.COMPARING: "C15",
    _S.SUCCEEDED: "C17",
    _S.RB_INTENT: "C19",
    _S.ROLLED_BACK: "C21R",
    _S.FOREIGN: "C22",
}

hook: Callable[[str], None] | None = None


def reached(point: str | None) -> None:
    """Do what the test asked for at this point; nothing in production."""
    if hook is not None and point is not None:
        hook(point)
