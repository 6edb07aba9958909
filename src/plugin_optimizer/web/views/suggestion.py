"""A suggestion in JSON: the seed's nine fields, and what a decision needs beside them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ...domain import Execution, Knob, Message, Proposal, Snooze, Suggestion, seen_figures
from ...wording import render
from ..moment import iso
from ..revision import needs_revision
from .change import ChangeView, PredictionView, view_change, view_prediction
from .finding import FindingView, view_finding
from .link import link
from .message import MessageView, view_message, view_optional
from .result import result_of


class Details(msgspec.Struct, frozen=True, kw_only=True):
    change: ChangeView | None
    prediction: PredictionView | None
    side_effects: tuple[PredictionView, ...]
    evidence: tuple[MessageView, ...]
    findings: tuple[FindingView, ...]
    judged_by: MessageView | None
    figures: Mapping[str, Any]


class SeenView(msgspec.Struct, frozen=True, kw_only=True):
    """A figure when it was snoozed, and now (null: not measured any more)."""

    metric: str
    then: float
    now: float | None


class SnoozeView(msgspec.Struct, frozen=True, kw_only=True):
    """It is shown again at `until`, or when one of the figures is worse by the share `worse_by`."""

    at: str | None
    by: str
    reason: str
    until: str | None
    worse_by: float
    figures: tuple[SeenView, ...]


class SuggestionLinks(msgspec.Struct, frozen=True, kw_only=True):
    self: str
    execute: str
    execution: str | None


class SuggestionView(msgspec.Struct, frozen=True, kw_only=True):
    """`executed` is true once the change is applied; `result` says how that went."""

    id: str
    plugin_id: str
    suggestion_type: str
    description: str
    created_at: str | None
    details: Details
    executed: bool
    executed_at: str | None
    result: str | None
    updated_at: str | None
    expires_at: str | None
    risk: str
    confidence: float
    state: str
    revision: int
    requires_revision: bool
    executable: bool
    why_not_executable: str | None
    dismissed_reason: str | None
    snooze: SnoozeView | None
    execution_id: str | None
    links: SuggestionLinks


def view_suggestion(
    suggestion: Suggestion, execution: Execution | None, hindrance: Message | None, knob: Knob | None, lang: str
) -> SuggestionView:
    """`hindrance` is why it cannot be executed now, None if it can."""
    proposal = suggestion.proposal
    return SuggestionView(
        id=suggestion.id,
        plugin_id=proposal.plugin_id,
        suggestion_type=proposal.type,
        description=render(proposal.title, lang),
        created_at=iso(suggestion.created_at),
        details=_details(suggestion, knob, lang),
        executed=execution is not None and execution.applied_at is not None,
        executed_at=iso(execution.applied_at) if execution else None,
        result=result_of(execution),
        updated_at=iso(suggestion.updated_at),
        expires_at=iso(suggestion.expires_at),
        risk=proposal.risk,
        confidence=proposal.confidence,
        state=suggestion.state,
        revision=suggestion.revision,
        requires_revision=needs_revision(suggestion, knob),
        executable=hindrance is None,
        why_not_executable=render(hindrance, lang) if hindrance else None,
        dismissed_reason=suggestion.dismissed_reason,
        snooze=_snooze(suggestion.snooze, suggestion.proposal) if suggestion.snooze else None,
        execution_id=suggestion.execution_id,
        links=_links(suggestion),
    )


def _snooze(snooze: Snooze, proposal: Proposal) -> SnoozeView:
    now = {(figure.name, figure.metric): figure.value for figure in seen_figures(proposal)}
    return SnoozeView(
        at=iso(snooze.at),
        by=snooze.by,
        reason=snooze.reason,
        until=iso(snooze.until),
        worse_by=snooze.worse_by,
        figures=tuple(
            SeenView(metric=seen.metric, then=seen.value, now=now.get((seen.name, seen.metric)))
            for seen in snooze.figures
        ),
    )


def _details(suggestion: Suggestion, knob: Knob | None, lang: str) -> Details:
    proposal = suggestion.proposal
    return Details(
        change=view_change(proposal.change, knob) if proposal.change else None,
        prediction=view_prediction(proposal.prediction) if proposal.prediction else None,
        side_effects=tuple(view_prediction(p) for p in proposal.side_effects),
        evidence=tuple(view_message(m, lang) for m in proposal.evidence),
        findings=tuple(view_finding(f, lang) for f in proposal.findings),
        judged_by=view_optional(proposal.judged_by, lang),
        figures=proposal.details,
    )


def _links(suggestion: Suggestion) -> SuggestionLinks:
    execution_id = suggestion.execution_id
    return SuggestionLinks(
        self=link("read_suggestion", suggestion_id=suggestion.id),
        execute=link("execute_suggestion", suggestion_id=suggestion.id),
        execution=link("read_execution", execution_id=execution_id) if execution_id else None,
    )
