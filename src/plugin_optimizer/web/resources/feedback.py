"""Saying that something unusual was no problem, taking that back, and who said so when."""

from typing import Annotated

import msgspec

from ...domain import Feedback, Metric, Unusualness
from ...models.slo_effect import score_of
from ...monitor.minutes import PLACE
from ..moment import unix
from ..paging import Identifier, Limit, page
from ..problem import Problem
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin
from ..span import Moment
from ..usual import usual_of
from ..views.feedback import FeedbackView, view_feedback

NEAR_SECONDS = 600.0  # between the onset that was read and the one meant: charts show means of five minutes
Reason = Annotated[str, msgspec.Meta(max_length=500)]


class NoProblemBody(Strict, frozen=True, kw_only=True):
    """Which kind of deviation of which metric, and of which onset: the latest where `since` is not given."""

    metric: Metric
    kind: Unusualness
    since: Moment | None = None
    reason: Reason = ""


class FeedbackQuery(Strict, frozen=True, kw_only=True):
    plugin_id: Identifier | None = None
    limit: Limit = 100
    after: Identifier | None = None


def say_no_problem(call: Call, body: NoProblemBody, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    wanted = None if body.since is None else unix(body.since, "since")
    met = _present(call, plugin_id, body, wanted) or _past(call, plugin_id, body, wanted)
    if met is None:
        said = f"no {body.kind} of {body.metric} of {plugin_id} is on record"
        raise Problem(404, "not_found", f"{said}; GET /plugins/{plugin_id}/anomalies lists what is")
    since, score = met
    word = Feedback("", plugin_id, body.metric, body.kind, score, since, call.now, call.actor, body.reason.strip())
    return Answer(view_feedback(call.system.state.say_no_problem(word), call.lang))


def undo_feedback(call: Call, feedback_id: str) -> Answer:
    return Answer(view_feedback(call.system.state.undo_feedback(feedback_id, call.actor, call.now), call.lang))


def list_feedback(call: Call, query: FeedbackQuery) -> Answer:
    rows, headers = page(
        lambda limit, after: call.system.state.feedback(query.plugin_id, limit, after),
        lambda _: True,
        lambda word: word.id,
        query.limit,
        query.after,
    )
    return Answer([view_feedback(row, call.lang) for row in rows], headers=headers)


def _present(call: Call, plugin_id: str, body: NoProblemBody, wanted: float | None) -> tuple[float, float] | None:
    """Return onset and score of what is unusual now, None where it is not."""
    cycle = call.system.state.latest_cycle()
    for finding in cycle.findings if cycle else ():
        same = (finding.plugin_id, finding.metric, finding.kind.value) == (plugin_id, body.metric, body.kind.value)
        if same and (wanted is None or abs(finding.since - wanted) <= NEAR_SECONDS):
            return finding.since, score_of(finding.score)
    return None


def _past(call: Call, plugin_id: str, body: NoProblemBody, wanted: float | None) -> tuple[float, float] | None:
    """Return onset and score of the latest, or the nearest, episode of the last fourteen days."""
    row = PLACE.get(body.metric)
    of_kind = [e for e in usual_of(call, plugin_id).episodes if (e.series, e.kind) == (row, body.kind.value)]
    if wanted is not None:
        of_kind = sorted(
            (e for e in of_kind if abs(e.onset - wanted) <= NEAR_SECONDS), key=lambda e: -abs(e.onset - wanted)
        )
    return (of_kind[-1].onset, of_kind[-1].score) if of_kind else None


ROUTES = (
    Route(
        "POST", "/plugins/<plugin_id>/anomalies/no-problem", Role.OPERATOR, say_no_problem,
        "Say that something unusual was no problem", FeedbackView, body=NoProblemBody,
    ),
    Route(
        "GET", "/anomaly-feedback", Role.VIEWER, list_feedback, "List what people said of the unusual",
        list[FeedbackView], FeedbackQuery,
    ),
    Route(
        "POST", "/anomaly-feedback/<feedback_id>/undo", Role.OPERATOR, undo_feedback,
        "Take back that something unusual was no problem", FeedbackView,
    ),
)  # fmt: skip
