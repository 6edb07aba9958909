"""A change is a promise that can be held against its planner: no prediction with an interval, no suggestion."""

from collections.abc import Iterable, Iterator

from ..domain import InvalidValue, Proposal, Silence
from .prediction_scale import usable


def promised(thoughts: Iterable[Proposal | Silence]) -> Iterator[Proposal | Silence]:
    """Yield what a planner thought.

    Raises InvalidValue at the first change whose outcome could not be compared: no prediction, an interval that is
    none, or a figure from no model. Advice changes nothing and promises nothing.
    """
    for thought in thoughts:
        if isinstance(thought, Proposal) and thought.change is not None:
            _check(thought)
        yield thought


def _check(proposal: Proposal) -> None:
    prediction = proposal.prediction
    if prediction is None or not usable(prediction) or not prediction.model:
        raise InvalidValue(
            f"{proposal.type} of {proposal.plugin_id}: a change says what it will do, as a prediction of finite figures "
            f"with low <= high and the name of its model, not {prediction}"
        )
