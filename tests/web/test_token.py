"""Bearer tokens."""

from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.web import token


def test_a_token_is_long_random_and_checked() -> None:
    """256 bits, its prefix and checksum; two are never the same."""
    made = {token.mint() for _ in range(200)}
    assert len(made) == 200
    assert all(token.well_formed(t) and len(t) == 52 for t in made)


@given(st.integers(0, 51), st.sampled_from(token.ALPHABET))
def test_a_typing_error_is_noticed(position: int, letter: str) -> None:
    """A token with one wrong character does not fit its checksum."""
    good = token.mint()
    bad = good[:position] + letter + good[position + 1 :]
    assert token.well_formed(bad) is (bad == good)


@given(st.text(max_size=80))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    """Whatever stands in the header, the answer is yes or no."""
    assert token.well_formed(text) in {True, False}
