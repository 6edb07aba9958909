"""A knob in JSON: what it is, what is suggested for it, and who set it."""

import msgspec

from ...domain import Knob
from ..knob_story import KnobStory
from ..moment import iso


class TurnedView(msgspec.Struct, frozen=True, kw_only=True):
    """Who set a knob: a person, the engine by itself, or `outside` (then without an execution)."""

    at: str | None
    by: str
    execution_id: str | None


class KnobView(msgspec.Struct, frozen=True, kw_only=True):
    """`suggested` is what an open suggestion wants; `turned` is null where nobody was seen to set it."""

    name: str
    value: int | float | str | bool
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    unit: str
    kind: str
    disruption: str
    reversibility: str
    persistent: bool
    suggested: int | float | str | bool | None
    suggestion_id: str | None
    turned: TurnedView | None


def view_knob(knob: Knob, story: KnobStory) -> KnobView:
    turned = story.turned
    return KnobView(
        name=knob.name,
        value=knob.value,
        minimum=knob.minimum,
        maximum=knob.maximum,
        choices=knob.choices,
        unit=knob.unit,
        kind=knob.kind,
        disruption=knob.disruption,
        reversibility=knob.reversibility,
        persistent=knob.persistent,
        suggested=story.suggested,
        suggestion_id=story.suggestion_id,
        turned=TurnedView(at=iso(turned.at), by=turned.by, execution_id=turned.execution_id) if turned else None,
    )
