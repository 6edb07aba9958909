"""A finding in JSON."""

import msgspec

from ...domain import Finding
from ...wording import render
from ..moment import iso
from .message import MessageView, told, view_message


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    metric: str
    severity: str
    score: float
    since: str | None
    value: float | None
    limit: float | None
    text: str
    evidence: tuple[MessageView, ...]


def view_finding(finding: Finding, lang: str) -> FindingView:
    told_by = told("finding", finding.kind, finding.metric, {"value": finding.value, "limit": finding.limit})
    return FindingView(
        kind=finding.kind,
        metric=finding.metric,
        severity=finding.severity,
        score=finding.score,
        since=iso(finding.since),
        value=finding.value,
        limit=finding.limit,
        text=render(told_by, lang),
        evidence=tuple(view_message(m, lang) for m in finding.evidence),
    )
