"""The audit as a file: for spreadsheets, auditors and log stores."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ..contracts import AuditEntry
from .encoding import encode
from .moment import iso
from .neutral import neutral

COLUMNS = ("number", "at", "actor", "action", "subject", "detail", "digest")


class AuditView(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    at: str | None
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    digest: str


def audit_view(entry: AuditEntry) -> AuditView:
    return AuditView(
        number=entry.number,
        at=iso(entry.at),
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        detail=entry.detail,
        digest=entry.digest,
    )


def as_csv(entries: Iterable[AuditEntry]) -> bytes:
    """Return UTF-8 with a byte order mark; no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for view in map(audit_view, entries):
        detail = json.dumps(msgspec.to_builtins(view.detail), ensure_ascii=False, sort_keys=True)
        cells = (view.number, view.at, view.actor, view.action, view.subject, detail, view.digest)
        writer.writerow([neutral(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def as_json(entries: Iterable[AuditEntry]) -> bytes:
    return encode([audit_view(entry) for entry in entries])
