"""The life of a suggestion in a replay: opened, refreshed, closed, replaced."""

import pytest

from plugin_optimizer.domain import Mode, Policies, Policy, Proposal
from plugin_optimizer.hindsight.book import Book
from plugin_optimizer.hindsight.question import default_step
from tests.knowledge.proposals import advice, proposal

JUDGED = frozenset({"orders"})


def book_of(*looks: tuple[float, list[Proposal]]) -> Book:
    book = Book(Policies(Policy(mode=Mode.ADVISE)), 30.0)
    for now, proposals in looks:
        book.note(proposals, JUDGED, now, by_minutes=False)
    return book


def test_the_same_again_is_a_refreshment() -> None:
    """However often it is said, it is one suggestion."""
    book = book_of(*((30.0 * n, [proposal(), advice()]) for n in range(5)))
    assert [(told.refreshed, told.closed_at) for told in book.told] == [(4, None), (4, None)]


def test_silence_closes_it_and_the_next_is_a_new_one() -> None:
    """A minute of silence, as in the engine; one look without it is no end."""
    book = book_of(
        (0.0, [proposal()]), (30.0, []), (60.0, [proposal()]), (90.0, []), (120.0, []), (150.0, [proposal()])
    )
    assert [(told.opened_at, told.closed_at) for told in book.told] == [(0.0, 120.0), (150.0, None)]


def test_missing_data_is_no_silence() -> None:
    """Only a plugin that was seen can be silent; after a day nobody believes it any more."""
    book = book_of((0.0, [proposal()]))
    book.note([], frozenset(), 3_600.0, by_minutes=False)
    assert book.told[0].closed_at is None
    book.note([], frozenset(), 86_400.0, by_minutes=False)
    assert book.told[0].closed_at == 86_400.0


def test_the_other_direction_and_a_moved_knob_replace_it() -> None:
    """Both cannot be open at a time."""
    book = book_of((0.0, [proposal(before=4, after=5)]), (30.0, [proposal(before=4, after=3)]))
    assert [told.closed_at for told in book.told] == [30.0, None]
    book = book_of((0.0, [proposal(before=2, after=3)]), (30.0, [proposal(before=3, after=4)]))
    assert [told.closed_at for told in book.told] == [30.0, None]


@pytest.mark.parametrize(
    ("seconds", "step"), [(5_400.0, 15.0), (86_400.0, 60.0), (604_800.0, 300.0), (14 * 86_400.0, 600.0), (1e9, 3_600.0)]
)
def test_the_step_fits_the_time(seconds: float, step: float) -> None:
    """About two thousand looks at most, until there is no coarser step."""
    assert default_step(seconds) == step
