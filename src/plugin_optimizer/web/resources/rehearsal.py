"""The dry run of a suggestion."""

from typing import Annotated

import msgspec

from ...domain import Message
from ...wording import render
from ..moment import iso
from ..rehearsal import Check, Rehearsal, rehearse
from ..revision import given_revision
from ..route import Answer, Call, Role, Route
from ..views.message import MessageView, view_message, view_optional
from .suggestions import ExecuteBody


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """`why` says what stands in the way; null where nothing does."""

    code: str
    ok: bool
    text: str
    why: MessageView | None


class RehearsalView(msgspec.Struct, frozen=True, kw_only=True):
    """`course` is what a real execution would do, in order; `not_known` what no dry run can tell."""

    suggestion_id: str
    revision: int
    requires_revision: bool
    would_execute: bool
    message: str
    checks: tuple[CheckView, ...]
    course: tuple[MessageView, ...]
    not_known: MessageView
    checked_at: Annotated[str | None, msgspec.Meta(description="ISO 8601")]


def dry_run_suggestion(call: Call, body: ExecuteBody, suggestion_id: str) -> Answer:
    """Look at everything that a real execution would look at; change nothing and leave no trace."""
    suggestion = call.system.state.suggestion(suggestion_id)
    found = rehearse(call.system, suggestion, given_revision(call, body.revision), call.now)
    view = RehearsalView(
        suggestion_id=suggestion.id,
        revision=suggestion.revision,
        requires_revision=found.requires_revision,
        would_execute=found.passes,
        message=_message(found, call.lang),
        checks=tuple(_check(check, call.lang) for check in found.checks),
        course=tuple(view_message(message, call.lang) for message in found.course),
        not_known=view_message(Message("rehearsal_not_known", {}), call.lang),
        checked_at=iso(call.now),
    )
    return Answer(view)


def _message(found: Rehearsal, lang: str) -> str:
    refused = sum(check.refusal is not None for check in found.checks)
    return render(Message("rehearsal_refused" if refused else "rehearsal_passes", {"refused": refused}), lang)


def _check(check: Check, lang: str) -> CheckView:
    return CheckView(
        code=check.name,
        ok=check.refusal is None,
        text=render(Message(f"check_{check.name}", {}), lang),
        why=view_optional(check.refusal, lang),
    )


ROUTES = (
    Route(
        "POST", "/execute/<suggestion_id>/dry-run", Role.OPERATOR, dry_run_suggestion,
        "Look at what executing a suggestion would find and do", RehearsalView, body=ExecuteBody,
    ),
)  # fmt: skip
