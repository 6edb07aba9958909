"""What is asked of an operator's own receiver, and what it answers: the documents of docs/WEBHOOK.md, version 1.

The same over HTTP and to a command. What does not fit is refused whole, with the place that does not: half an answer is none.
"""

from typing import Annotated, Literal

import msgspec

from ...domain import Disruption, Reversibility, Unobservable

VERSION = 1
MOST_KNOBS = 64
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}\Z")]
Short = Annotated[str, msgspec.Meta(max_length=64)]
Figure = Annotated[float, msgspec.Meta(ge=0.0)]
Numbered = int | float | str


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="operation"):
    """The base of the three; `operation` in the document says which one it is."""

    version: int = VERSION
    plugin: str


class Read(Question, frozen=True, kw_only=True, tag="read"):
    """How does it stand?"""


class _Order(Question, frozen=True, kw_only=True):
    """`order` names it: whoever has carried it out does so no second time. `seen` is the value it was decided on, `life`
    the one in which that ran: while either is another one, nothing is to happen.
    """

    order: str
    life: str
    knob: str
    seen: Numbered
    to: Numbered


class Turn(_Order, frozen=True, kw_only=True, tag="turn"):
    """Let it run with `to`."""


class Keep(_Order, frozen=True, kw_only=True, tag="keep"):
    """Let it come back with `to` after its next restart."""


class KnobReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One setting as it runs. `kept` is what would run after a restart; left out where there is no place to keep it."""

    name: Name
    type: Literal["integer", "number", "choice"]
    value: Numbered
    minimum: float | None = None
    maximum: float | None = None
    choices: Annotated[tuple[Short, ...], msgspec.Meta(max_length=64)] = ()
    step: Annotated[float, msgspec.Meta(gt=0.0)] = 1.0
    unit: Short = ""
    kind: Literal["setting", "performance", "workers", "threads", "cache_size", "connections"] = "setting"
    disruption: Disruption = Disruption.LIVE
    reversibility: Reversibility = Reversibility.REVERSIBLE
    down: Reversibility | None = None
    needed: float | None = None
    kept: Numbered | None = None


class PoolReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it serves, where it has workers."""

    workers: Annotated[int, msgspec.Meta(ge=0)]
    threads: Annotated[int, msgspec.Meta(ge=1)] = 1
    cores: Annotated[float, msgspec.Meta(gt=0.0)] = 1.0


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it stands. `life` changes when it was started again (no more than that is read from it)."""

    version: int
    life: Annotated[str, msgspec.Meta(max_length=200)] = ""
    knobs: Annotated[tuple[KnobReport, ...], msgspec.Meta(max_length=MOST_KNOBS)] = ()
    metrics: dict[str, Figure] = {}
    pool: PoolReport | None = None


class Refusal(msgspec.Struct, frozen=True):
    """Why an order was declined."""

    refused: str


def parse_report(body: bytes) -> Report:
    """Return the report. Raises Unobservable."""
    try:
        report = msgspec.json.decode(body, type=Report)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Unobservable(f"the answer is no report of docs/WEBHOOK.md: {error}") from error
    if report.version != VERSION:
        raise Unobservable(f"the answer is of version {report.version}; version {VERSION} is understood")
    return report


def reason_of(body: bytes) -> str:
    """Return why an order was declined, as far as that was said."""
    try:
        return msgspec.json.decode(body, type=Refusal).refused
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return "no reason was given"
