"""A finding in JSON."""

import msgspec

from ...domain import Finding, Message
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
    """The sentence is the first piece of evidence; a finding without any is told by its kind and figures."""
    return FindingView(
        kind=finding.kind,
        metric=finding.metric,
        severity=finding.severity,
        score=finding.score,
        since=iso(finding.since),
        value=finding.value,
        limit=finding.limit,
        text=render(_sentence(finding), lang),
        evidence=tuple(view_message(m, lang) for m in finding.evidence),
    )


def _sentence(finding: Finding) -> Message:
    if finding.evidence:
        return finding.evidence[0]
    return told("finding", finding.kind, finding.metric, {"value": finding.value, "limit": finding.limit})
