"""Every change of state, who made it, chained by hashes."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from ..moment import iso
from ..paging import Limit
from ..route import Answer, Call, Role, Route, Strict


class AuditQuery(Strict, frozen=True, kw_only=True):
    limit: Limit = 100
    before: Annotated[int, msgspec.Meta(ge=1, le=2**62)] | None = None


class AuditView(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    at: str | None
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    digest: str


def list_audit(call: Call, query: AuditQuery) -> Answer:
    """Return newest first; `before` is the number of the last entry of the previous page."""
    entries = call.system.state.audit(query.limit, query.before)
    views = [
        AuditView(
            number=e.number, at=iso(e.at), actor=e.actor, action=e.action, subject=e.subject, detail=e.detail,
            digest=e.digest,
        )
        for e in entries
    ]  # fmt: skip
    return Answer(views)


ROUTES = (Route("GET", "/audit", Role.ADMIN, list_audit, "List the audit trail", list[AuditView], AuditQuery),)
