"""Dispatches as rows: reading and writing them, and how long they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from ...contracts import Placement
from ...domain import Dispatch, DispatchState
from ...domain.notification import SEVERITIES
from ..identifiers import new_id
from ..values import decode, encode
from .database import Transaction
from .schema import dispatches

KEPT_SECONDS = 7 * 86_400.0
MOST_NOTICES = 500  # of one dispatch; those beyond are counted
ENDED = (DispatchState.DELIVERED.value, DispatchState.GIVEN_UP.value)
table = dispatches.c

NEW = insert(dispatches)
CHANGED = update(dispatches).where(table.id == bindparam("present_id"))
UNTRIED = (
    select(dispatches)
    .where(
        table.channel == bindparam("channel"),
        table.gathering == bindparam("gathering"),
        table.state == DispatchState.WAITING.value,
        table.attempted_at.is_(None),
    )
    .limit(1)
)
OLD = (table.state.in_(ENDED), table.ended_at < bindparam("before"))
SOME_OLD = select(table.id).where(*OLD).limit(1)
NO_OLD = delete(dispatches).where(*OLD)


def dispatch_from(row: "Row[Any]") -> Dispatch:
    return decode(row.body, Dispatch)


def add(write: Transaction, placements: Sequence[Placement], at: float) -> None:
    """Let notices join what waits untried under their key, or open a dispatch for them. The version stays as it is."""
    together: dict[tuple[str, str], list[Placement]] = {}
    for placement in placements:
        together.setdefault((placement.channel, placement.gathering), []).append(placement)
    for (channel, gathering), placed in together.items():
        row = write.connection.execute(UNTRIED, {"channel": channel, "gathering": gathering}).first()
        if row is not None:
            rewrite(write, joined(dispatch_from(row), placed))
            continue
        opened = joined(_opened(placed[0], at), placed)
        identity = {"id": opened.id, "channel": channel, "gathering": gathering, "created_at": at}
        write.connection.execute(NEW, {**identity, **_changing(opened)})


def _opened(first: Placement, at: float) -> Dispatch:
    return Dispatch(
        id=new_id("nt", at),
        channel=first.channel,
        gathering=first.gathering,
        severity=first.notice.severity,
        notices=(),
        state=DispatchState.WAITING,
        created_at=at,
        due_at=first.due_at,
        gives_up_at=first.gives_up_at,
    )


def joined(dispatch: Dispatch, placements: Sequence[Placement]) -> Dispatch:
    """Return the dispatch with more notices; those beyond the most are counted. The gravest of all is its severity."""
    notices = (*dispatch.notices, *(placement.notice for placement in placements))
    severity = max((dispatch.severity, *(notice.severity for notice in notices)), key=SEVERITIES.index)
    more = dispatch.more + max(len(notices) - MOST_NOTICES, 0)
    return replace(dispatch, severity=severity, notices=notices[:MOST_NOTICES], more=more)


def rewrite(write: Transaction, changed: Dispatch, **hands: object) -> None:
    """Write a dispatch over its row; `hands` are the columns that say who has it. The version stays as it is."""
    write.connection.execute(CHANGED, {"present_id": changed.id, **_changing(changed, **hands)})


def has_old(connection: Connection, now: float) -> bool:
    """Tell whether there are dispatches that ended more than a week ago."""
    return connection.execute(SOME_OLD, {"before": now - KEPT_SECONDS}).first() is not None


def forget_old(write: Transaction, now: float) -> None:
    """Forget them."""
    write.connection.execute(NO_OLD, {"before": now - KEPT_SECONDS})


def _changing(dispatch: Dispatch, **hands: object) -> Mapping[str, object]:
    return {
        "rank": SEVERITIES.index(dispatch.severity),
        "state": dispatch.state.value,
        "due_at": dispatch.due_at,
        "claimed_until": hands.get("claimed_until"),
        "fence": hands.get("fence"),
        "attempted_at": dispatch.attempted_at,
        "ended_at": dispatch.ended_at,
        "body": encode(dispatch),
    }
