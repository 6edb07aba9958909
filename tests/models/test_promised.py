"""No change is suggested that does not say what it will do."""

from dataclasses import replace

import pytest
from models.ledger_cases import PREDICTION, proposal

from plugin_optimizer.domain import InvalidValue, Message, Silence
from plugin_optimizer.models.promised import promised


def test_a_change_with_an_interval_advice_and_silence_pass() -> None:
    """In their order, untouched."""
    thoughts = [proposal(), Silence("menu", "workers", Message("within_slo")), proposal(change=None, prediction=None)]
    assert list(promised(thoughts)) == thoughts


@pytest.mark.parametrize(
    "prediction",
    [
        None,
        replace(PREDICTION, low=float("nan")),
        replace(PREDICTION, high=float("inf")),
        replace(PREDICTION, low=0.3, high=0.2),
        replace(PREDICTION, expected=0.0),
        replace(PREDICTION, model=""),
    ],
)
def test_a_change_without_one_is_refused(prediction: object) -> None:
    """The error says what would have been right."""
    with pytest.raises(InvalidValue, match="says what it will do"):
        list(promised([proposal(prediction=prediction)]))
