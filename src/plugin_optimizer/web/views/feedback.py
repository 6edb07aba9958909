"""A word that something unusual was no problem, in JSON."""

import msgspec

from ...domain import Feedback
from ...wording import metric_name
from ..moment import iso


class FeedbackView(msgspec.Struct, frozen=True, kw_only=True):
    """`raises`: by what factor the bar rose then; it falls back by and by. `undone_at` is null while it holds."""

    id: str
    plugin_id: str
    metric: str
    metric_text: str
    kind: str
    score: float
    since: str | None
    at: str | None
    by: str
    reason: str
    raises: float
    undone_at: str | None
    undone_by: str | None


def view_feedback(word: Feedback, lang: str) -> FeedbackView:
    return FeedbackView(
        id=word.id,
        plugin_id=word.plugin_id,
        metric=word.metric,
        metric_text=metric_name(word.metric, lang),
        kind=word.kind,
        score=word.score,
        since=iso(word.since),
        at=iso(word.at),
        by=word.by,
        reason=word.reason,
        raises=word.raises,
        undone_at=iso(word.undone_at),
        undone_by=word.undone_by,
    )
