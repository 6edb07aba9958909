"""A verdict in JSON: plain figures, the effect against what would have been, and reasons that agree with it."""

from collections.abc import Iterable, Iterator

import msgspec

from ...domain import Message, Verdict
from ...wording import render
from .message import MessageView, told, view_message

WIDE_RATIO = 0.5  # an interval that spans more says nothing a person could use


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """`effect` is after / what would have been without the change, within `[low, high]`."""

    outcome: str
    metric: str
    effect: float | None
    low: float | None
    high: float | None
    before: float | None
    after: float | None
    windows: int
    requests: int
    method: str
    text: str
    reasons: tuple[MessageView, ...]


def view_verdict(verdict: Verdict, lang: str) -> VerdictView:
    figures = {"before": verdict.before, "after": verdict.after}
    return VerdictView(
        outcome=verdict.outcome,
        metric=verdict.metric,
        effect=verdict.effect,
        low=verdict.low,
        high=verdict.high,
        before=verdict.before,
        after=verdict.after,
        windows=verdict.windows,
        requests=verdict.requests,
        method=verdict.method,
        text=render(told("verdict", verdict.outcome, verdict.metric, figures), lang),
        reasons=tuple(view_message(reason, lang) for reason in _telling(verdict.reasons)),
    )


def _telling(reasons: Iterable[Message]) -> Iterator[Message]:
    """Yield what says more than the effect itself; a part of it that is hardly known is said to be not clear yet."""
    for reason in reasons:
        if reason.code == "queue_effect":
            continue
        if reason.code == "service_uncertain" and _says_nothing(reason):
            yield Message("service_not_clear", reason.params)
        else:
            yield reason


def _says_nothing(reason: Message) -> bool:
    low, high = (reason.params.get(name) for name in ("low_ratio", "high_ratio"))
    known = isinstance(low, int | float) and isinstance(high, int | float)
    return not known or high - low > WIDE_RATIO  # type: ignore[operator]
