"""Every change of state, who made it, chained by hashes; and whether it still fits."""

from typing import Annotated

import msgspec
from flask import Response

from ...contracts import AuditEntry
from ...domain import Message
from ...knowledge.anchors import Anchor
from ...knowledge.audit_verification import Verification, entries, verify
from ...wording import help_for
from ..audit_text import AuditView, as_csv, as_json, audit_view
from ..moment import iso
from ..paging import Limit
from ..route import Answer, Call, Role, Route, Strict
from ..views.message import MessageView, view_message

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class AuditFilter(Strict, frozen=True, kw_only=True):
    """`action` takes a whole action or its first word: `execution.succeeded`, `execution`."""

    actor: Word | None = None
    action: Word | None = None
    subject: Word | None = None


class AuditQuery(AuditFilter, frozen=True, kw_only=True):
    limit: Limit = 100
    before: Annotated[int, msgspec.Meta(ge=1, le=2**62)] | None = None


class HeadView(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    digest: str


class AnchorView(HeadView, frozen=True, kw_only=True):
    at: str | None


class TroubleView(MessageView, frozen=True, kw_only=True):
    help: str | None


class VerificationView(msgspec.Struct, frozen=True, kw_only=True):
    """`read_only`: the engine changes nothing until an administrator takes the audit as it stands."""

    ok: bool
    entries: int
    head: HeadView
    anchors: int
    last_anchor: AnchorView | None
    read_only: bool
    trouble: TroubleView | None
    checked_at: str | None


def list_audit(call: Call, query: AuditQuery) -> Answer:
    """Return newest first; `before` is the number of the last entry of the previous page."""
    found = call.system.state.audit(
        query.limit, query.before, actor=query.actor, action=query.action, subject=query.subject
    )
    return Answer([audit_view(entry) for entry in found])


def export_audit_csv(call: Call, query: AuditFilter) -> Response:
    return _file(as_csv(_all(call, query)), "text/csv", "audit.csv")


def export_audit_json(call: Call, query: AuditFilter) -> Response:
    return _file(as_json(_all(call, query)), "application/json", "audit.json")


def verify_audit(call: Call) -> Answer:
    """Check every entry, the head and the last anchor."""
    return Answer(view_verification(verify(call.system.state, call.system.config.state_dir), call.now, call.lang))


def view_verification(found: Verification, now: float, lang: str) -> VerificationView:
    return VerificationView(
        ok=found.trouble is None,
        entries=found.number,
        head=HeadView(number=found.number, digest=found.digest),
        anchors=found.anchors,
        last_anchor=_anchor(found.last_anchor) if found.last_anchor else None,
        read_only=found.read_only,
        trouble=_trouble(found.trouble, lang) if found.trouble else None,
        checked_at=iso(now),
    )


def _anchor(anchor: Anchor) -> AnchorView:
    return AnchorView(number=anchor.number, digest=anchor.digest, at=iso(anchor.at))


def _trouble(message: Message, lang: str) -> TroubleView:
    view = view_message(message, lang)
    return TroubleView(code=view.code, params=view.params, text=view.text, help=help_for(message, lang))


def _all(call: Call, query: AuditFilter) -> list[AuditEntry]:
    return list(entries(call.system.state, query.actor, query.action, query.subject))


def _file(content: bytes, media: str, name: str) -> Response:
    response = Response(content, mimetype=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


ROUTES = (
    Route("GET", "/audit", Role.ADMIN, list_audit, "List the audit trail", list[AuditView], AuditQuery),
    Route("GET", "/audit.csv", Role.ADMIN, export_audit_csv, "Export the audit trail", str, AuditFilter, media="text/csv"),
    Route("GET", "/audit.json", Role.ADMIN, export_audit_json, "Export the audit trail", list[AuditView], AuditFilter),
    Route("GET", "/audit/verification", Role.ADMIN, verify_audit, "Check the audit trail", VerificationView),
)  # fmt: skip
