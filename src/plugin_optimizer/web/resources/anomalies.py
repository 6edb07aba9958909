"""What was expected of each metric of a plugin, and when it was something else: bands and episodes for the charts."""

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from ...domain import Feedback, Message, Metric
from ...models.anomaly.episodes import Episode
from ...monitor.minutes import WATCHED
from ...wording import render
from ..moment import iso
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin
from ..span import Moment, span
from ..usual import STEP_SECONDS, Seen, usual_of
from ..views.feedback import FeedbackView, view_feedback

NEAR_SECONDS = 600.0  # episodes come from five-minute means, findings from minutes


class AnomaliesQuery(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    begin: Moment | None = None
    end: Moment | None = None


class EpisodeView(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is `level`, `deviation`, `shift` or `variance`; a `score` of 1 is just worth a word.

    `feedback` is the word that this was no problem, null where nobody said so or it was taken back.
    """

    metric: str
    kind: str
    since: str | None
    until: str | None
    score: float
    value: float
    expected: float | None
    low: float | None
    high: float | None
    text: str
    feedback: FeedbackView | None


class Anomalies(msgspec.Struct, frozen=True, kw_only=True):
    """`bands`: by metric [time, expected, low, high], ascending, one in `step_seconds`; nothing where it is still learnt.

    `episodes`: those of which any part lies within, however long before they began.
    """

    step_seconds: float
    bands: Mapping[str, tuple[tuple[str | None, float, float, float], ...]]
    episodes: tuple[EpisodeView, ...]


def read_anomalies(call: Call, query: AnomaliesQuery, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    begin, end = span(call, query.begin, query.end)
    seen = usual_of(call, plugin_id)
    inside = [e for e in seen.episodes if e.onset <= end and e.until >= begin]
    said = [word for word in call.system.state.standing_feedback() if word.plugin_id == plugin_id]
    return Answer(
        Anomalies(
            step_seconds=STEP_SECONDS,
            bands={metric.value: band for row, metric in enumerate(WATCHED) if (band := _band(seen, row, begin, end))},
            episodes=tuple(_view(call, episode, said) for episode in inside),
        )
    )


def _band(seen: Seen, row: int, begin: float, end: float) -> tuple[tuple[str | None, float, float, float], ...]:
    known = (seen.times >= begin) & (seen.times <= end) & ~np.isnan(seen.expected[row])
    points = []
    for i in np.flatnonzero(known).tolist():
        expected, low, high = (_rounded(v) for v in _ends(seen.expected[row, i], seen.reach[row, i]))
        points.append((iso(float(seen.times[i])), expected, low, high))
    return tuple(points)


def _ends(expected: float, reach: float) -> tuple[float, float, float]:
    return float(expected), max(0.0, float(expected - reach)), float(expected + reach)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _view(call: Call, episode: Episode, said: Iterable[Feedback]) -> EpisodeView:
    metric: Metric = WATCHED[episode.series]
    known = not np.isnan(episode.expected)
    expected, low, high = _ends(episode.expected, episode.reach) if known else (None, None, None)
    limit = (high if episode.rising else low) if known else None
    word = next((word for word in said if _is_of(word, metric, episode)), None)
    message = Message(f"finding_{episode.kind}", {"metric": metric.value, "value": episode.value, "limit": limit})
    return EpisodeView(
        metric=metric.value,
        kind=episode.kind,
        since=iso(episode.onset),
        until=iso(episode.until),
        score=episode.score,
        value=episode.value,
        expected=expected,
        low=low,
        high=high,
        text=render(message, call.lang),
        feedback=None if word is None else view_feedback(word, call.lang),
    )


def _is_of(word: Feedback, metric: Metric, episode: Episode) -> bool:
    """Tell whether a word was said of this episode: of its onset, give or take what five-minute means can tell."""
    near = episode.onset - NEAR_SECONDS <= word.since <= episode.until + NEAR_SECONDS
    return word.metric is metric and word.kind.value == episode.kind and near


ROUTES = (
    Route(
        "GET",
        "/plugins/<plugin_id>/anomalies",
        Role.VIEWER,
        read_anomalies,
        "Read what was expected of the metrics, and when they were something else",
        Anomalies,
        AnomaliesQuery,
    ),
)
