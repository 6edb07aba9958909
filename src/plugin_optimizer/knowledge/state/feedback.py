"""What people said of the unusual: that it was no problem, and that this was taken back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection, Row

from ...domain import Feedback as Word
from ..identifiers import new_id
from ..values import decode, encode
from .incident_schema import anomaly_feedback
from .records import Records, found, page

OF_PLUGIN = anomaly_feedback.c.plugin_id == bindparam("plugin_id")
NOT_UNDONE = anomaly_feedback.c.undone_at.is_(None)
STANDING = select(anomaly_feedback).where(NOT_UNDONE).order_by(anomaly_feedback.c.created_at, anomaly_feedback.c.id)
NEWLY_SAID = insert(anomaly_feedback)
UNDONE = update(anomaly_feedback).where(anomaly_feedback.c.id == bindparam("present_id"))


class Feedback(Records):
    def say_no_problem(self, said: Word) -> Word:
        """Keep a word under a new id; of the same episode the first word stands."""
        with self._database.writing() as write:
            known = _same(write.connection, said)
            if known is not None:
                return known
            kept = replace(said, id=new_id("fb", said.at))
            write.execute(
                NEWLY_SAID,
                {
                    "id": kept.id,
                    "plugin_id": kept.plugin_id,
                    "created_at": kept.at,
                    "undone_at": None,
                    "body": encode(kept),
                },
            )
            write.audit(
                kept.at, kept.by, "anomaly.no_problem", kept.plugin_id, id=kept.id, metric=kept.metric, kind=kept.kind,
                score=kept.score, since=kept.since, reason=kept.reason,
            )  # fmt: skip
        return kept

    def undo_feedback(self, feedback_id: str, actor: str, at: float) -> Word:
        """Take a word back; raises NotFound."""
        with self._database.writing() as write:
            present = _word(found(write.connection, anomaly_feedback, feedback_id))
            if present.undone_at is not None:
                return present
            undone = replace(present, undone_at=at, undone_by=actor)
            write.execute(UNDONE, {"present_id": feedback_id, "undone_at": at, "body": encode(undone)})
            write.audit(
                at, actor, "anomaly.no_problem_undone", undone.plugin_id, id=undone.id, metric=undone.metric,
                kind=undone.kind,
            )  # fmt: skip
        return undone

    def feedback(self, plugin_id: str | None = None, limit: int = 500, after: str | None = None) -> Sequence[Word]:
        """Return what was said, newest first."""
        wanted = () if plugin_id is None else (OF_PLUGIN,)
        with self._database.reading() as connection:
            rows = page(connection, anomaly_feedback, wanted, {"plugin_id": plugin_id}, limit, after)
        return [_word(row) for row in rows]

    def standing_feedback(self) -> Sequence[Word]:
        """Return every word that was not taken back, the oldest first."""
        with self._database.reading() as connection:
            return _standing(connection)


def _standing(connection: Connection) -> list[Word]:
    return [_word(row) for row in connection.execute(STANDING).all()]


def _same(connection: Connection, said: Word) -> Word | None:
    """Return the word that was already said of this episode: it began after what that was said of, and before it was said."""
    of_place = (word for word in _standing(connection) if word.place == said.place)
    return next((word for word in of_place if word.since <= said.since <= word.at), None)


def _word(row: "Row[Any]") -> Word:
    return decode(row.body, Word)
