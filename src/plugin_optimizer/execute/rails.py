"""The rails: what nobody may do, administrators included. Values in, a reason out; no clock, no store.

Asked when a change is approved (for an answer people can read), when it is claimed, before its intent and after it (in
between an engine may have been away for hours), and right before each effect.
Going back is never asked about: nothing here may keep a bad change in place.
"""

from collections.abc import Callable, Iterator

from ..domain import Message
from .rails_case import Case
from .rails_pace import (
    budgets,
    calendar,
    cooldown,
    halted,
    not_again,
    not_undone_lately,
    one_at_a_time,
    seen_lately,
    steady,
)
from .rails_value import bounds, not_too_far, worth_it

RAILS: tuple[Callable[[Case], Message | None], ...] = (
    bounds,
    worth_it,
    calendar,
    seen_lately,
    one_at_a_time,
    cooldown,
    not_again,
    halted,
    not_undone_lately,
    not_too_far,
    steady,
    budgets,
)

FOR_EVERYBODY = (
    bounds,
    worth_it,
    calendar,
    one_at_a_time,
    cooldown,
    not_again,
)  # the others hold back automatic mode alone


def answers(case: Case) -> Iterator[tuple[str, Message | None]]:
    """Yield each rail by name, and why it stands in the way (None: it does not), as far as it is asked."""
    yield from ((rail.__name__, rail(case)) for rail in RAILS)


def refusal(case: Case) -> Message | None:
    """Return why this change may not be made now, None if every rail lets it pass."""
    return next((found for _, found in answers(case) if found is not None), None)
