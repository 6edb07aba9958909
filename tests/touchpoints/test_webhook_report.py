"""What a receiver of one's own tells is taken whole or not at all, and the message says what does not fit."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import InvalidValue, Knob, Unobservable
from plugin_optimizer.touchpoints.webhook.documents import parse_report, reason_of
from plugin_optimizer.touchpoints.webhook.knobs import checked, state_of

SIZE = {"name": "size", "type": "integer", "value": 4, "minimum": 1, "maximum": 64}


def state(*knobs: dict[str, Any], **more: Any) -> Any:
    return state_of(parse_report(json.dumps({"version": 1, "knobs": knobs, **more}).encode()), "webhook")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"value": 65}, "size takes 1 to 64, not 65"),
        ({"value": 4.5}, "size, of type integer, is 4.5"),
        ({"value": True}, r"got `bool` - at `\$\.knobs\[0\]\.value`"),
        ({"value": "4"}, "size, of type integer, is '4'"),
        ({"minimum": None}, "needs a finite minimum and maximum"),
        ({"choices": ["a"]}, "and no choices"),
        ({"type": "choice"}, "needs its choices and no bounds"),
        ({"type": "float"}, "Invalid enum value 'float'"),
        ({"minimun": 1}, "unknown field `minimun`"),
        ({"name": "a knob"}, "matching regex"),
        ({"name": "size\n"}, "matching regex"),
        ({"step": 0}, "Expected `float` > 0.0"),
        ({"kind": "anything"}, "Invalid enum value 'anything'"),
        ({"kept": "x"}, "size, of type integer, is 'x'"),
        ({"unit": "x" * 65}, "length <= 64"),
    ],
)
def test_a_knob_that_contradicts_itself_is_refused(change: dict[str, Any], told: str) -> None:
    """The message names the knob or the place in the document."""
    with pytest.raises(Unobservable, match=told):
        state({**SIZE, **change})


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b"", "no report"),
        (b"[]", "Expected `object`"),
        (b"{}", "missing required field `version`"),
        (b'{"version": 2}', "of version 2; version 1 is understood"),
        (b'{"version": 1, "metrics": {"queue_length_tasks": -1}}', "Expected `float` >= 0.0"),
        (b'{"version": 1, "metrics": {"queue_length_tasks": NaN}}', "JSON is malformed"),
        (b'{"version": 1, "metrics": {"queue_length_tasks": 1e999}}', "no report|is inf"),
        (b'{"version": 1, "metrics": {"up": 0}}', "a metric 'up'; known are"),
        (b'{"version": 1, "metrics": {"queue": 0}}', "a metric 'queue'; known are"),
        (b'{"version": 1, "pool": {"workers": -1}}', "Expected `int` >= 0"),
        (b"[" * 100_000, "no report"),
        (b'{"version": 1, "life": "\xff"}', "no report"),
    ],
)
def test_a_document_of_another_form_is_refused(document: bytes, told: str) -> None:
    """Whatever it is, it ends in one error that a caller can act on."""
    with pytest.raises(Unobservable, match=told):
        state_of(parse_report(document), "webhook")


def test_a_name_may_stand_once() -> None:
    """Two knobs of one name: nobody could say which was turned."""
    with pytest.raises(Unobservable, match="a knob twice: size, size"):
        state(SIZE, SIZE)


def test_a_reason_is_told_as_it_was_given() -> None:
    """And its absence, too."""
    assert reason_of(b'{"refused": "at night only", "more": 1}') == "at night only"
    assert {reason_of(body) for body in (b"", b"{}", b'{"refused": 1}', b"\xff")} == {"no reason was given"}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_answer_breaks_the_reader(body: bytes) -> None:
    """A report or Unobservable, never anything else."""
    try:
        parse_report(body)
    except Unobservable:
        return
    assert json.loads(body)["version"] == 1


@given(st.floats(0.0, 1e6) | st.integers(0, 10**6))
def test_a_value_takes_the_type_of_its_knob(to: float) -> None:
    """Whole numbers stay whole, numbers become floats: what is written is what is read back."""
    whole, number = Knob("n", 1, 0, 10**6), Knob("n", 1.0, 0, 10**6)
    assert isinstance(checked(number, to), float)
    if float(to).is_integer():
        assert checked(whole, to) == to
        assert isinstance(checked(whole, to), int)
    else:
        with pytest.raises(InvalidValue, match="whole number"):
            checked(whole, to)
