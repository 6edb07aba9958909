"""Values survive being stored."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.contracts import Desired
from plugin_optimizer.domain import (
    Cycle,
    Finding,
    FindingKind,
    Message,
    Metric,
    Outcome,
    Plugin,
    Prediction,
    Proposal,
    Severity,
    Silence,
    Value,
    Verdict,
)
from plugin_optimizer.knowledge.values import canonical, decode, encode
from tests.knowledge.proposals import NOW, proposal

TEXTS = st.text(max_size=20)
PARAMETERS = st.one_of(
    TEXTS, st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)
MESSAGES = st.builds(Message, TEXTS, st.dictionaries(TEXTS, PARAMETERS, max_size=3))
FLOATS = st.floats(allow_infinity=False)
VERDICTS = st.builds(
    Verdict,
    outcome=st.sampled_from(Outcome),
    metric=st.sampled_from(Metric),
    effect=FLOATS,
    low=FLOATS,
    high=FLOATS,
    before=FLOATS,
    after=FLOATS,
    windows=st.integers(0, 1000),
    requests=st.integers(0, 10**9),
    method=TEXTS,
    reasons=st.lists(MESSAGES, max_size=3).map(tuple),
)


@given(VERDICTS)
def test_a_verdict_survives_with_every_nan(verdict: Verdict) -> None:
    """A number that could not be computed is NaN before and after, all else is equal."""
    assert repr(decode(encode(verdict), Verdict)) == repr(verdict)


def test_infinity_is_read_as_nan() -> None:
    """JSON has no infinity; what is not finite is read as not known, never as a number."""
    prediction = Prediction(Metric.UP, math.inf, -math.inf, math.nan, 1.0, "model")
    again = decode(encode(prediction), Prediction)
    assert math.isnan(again.before)
    assert math.isnan(again.expected)
    assert math.isnan(again.low)
    assert again.high == 1.0


@pytest.mark.parametrize("value", [2, 2.0, "2", True, 0, 0.0, False, -1, 1e300, "", "작업자"])
def test_a_value_keeps_its_type(value: Value) -> None:
    """2, 2.0, '2' and True are four different settings of a knob."""
    again = decode(encode(Desired("orders", "workers", value, "ex_1", NOW)), Desired)
    assert again.value == value
    assert type(again.value) is type(value)


def test_an_optional_number_stays_absent() -> None:
    """None of an optional field is not turned into NaN."""
    assert decode(encode(proposal()), Proposal).change == proposal().change


def test_nested_values_survive_in_a_cycle() -> None:
    """Findings inside tuples keep their enums, messages and NaN."""
    finding = Finding(
        "orders", Metric.UP, FindingKind.LEAK, Severity.INFO, 0.5, NOW, math.nan, 1.0, (Message("m", {"n": 1}),)
    )
    cycle = Cycle(1, NOW, 0.1, 3, 40, (finding,), 2, (Silence("orders", "leak", Message("calm")),))
    again = decode(encode(cycle), Cycle)
    assert math.isnan(again.findings[0].value)
    assert replace(again.findings[0], value=0.0) == replace(finding, value=0.0)
    assert again.silences == cycle.silences


def test_numbers_of_numpy_are_stored_as_numbers() -> None:
    """Models compute with numpy; what they leave in a proposal reads back as plain numbers."""
    made = replace(proposal(after=np.int64(4)), details={"share": np.float64(0.5), "curve": [np.float32(1.5)]})  # type: ignore[arg-type]
    again = decode(encode(made), Proposal)
    assert again.details == {"share": 0.5, "curve": [1.5]}
    assert again.change is not None
    assert type(again.change.after) is int


def test_an_unknown_field_is_left_out() -> None:
    """What a newer version added does not stop an older one from reading."""
    assert decode('{"plugin_id":"a","touchpoint":"t","colour":"red"}', Plugin) == Plugin("a", "t")


def test_what_json_cannot_say_is_refused() -> None:
    """An object of no known kind is not stored as something else."""
    with pytest.raises(NotImplementedError, match="complex"):
        encode({"value": 1j})


@given(st.dictionaries(TEXTS, st.integers(-(2**53), 2**53)))
def test_canonical_text_does_not_depend_on_order(mapping: dict[str, int]) -> None:
    """Equal mappings give equal text, so their digests agree."""
    assert canonical(mapping) == canonical(dict(reversed(mapping.items())))
