"""What a policy would have done: computed beside the engine, one at a time, before anything is saved."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from ...domain import Message
from ...knowledge.identifiers import new_id
from ...wording import help_for, render
from ..moment import iso
from ..policy_change import PolicyBody, changed_layers, given_fields, layers_of
from ..preview.asked import Asked, Course, Order
from ..preview.job import Busy, Previews, Standing
from ..problem import Problem
from ..route import BASE, Answer, Call, Role, Route, Strict
from ..views.policy import DEFAULT
from .policies import policy_etag

MOST_DAYS = 14  # so long samples and requests are kept


PreviewBody: Any = msgspec.defstruct(
    "PreviewBody",
    [("changes", PolicyBody), ("days", Annotated[float, msgspec.Meta(gt=0, le=MOST_DAYS)], 7.0)],
    bases=(Strict,),
    frozen=True,
    kw_only=True,
)


class ReasonView(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    text: str
    help: str | None


class PreviewView(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is running, done, failed or cancelled; `reason` says why it failed, or was left at its first answer.

    `result` is an answer by few looks at first, while it is running, and by all of them once it is done.

    `course` says what of how much is done, and what was found by then; null before it has begun.

    `etag` is the policy that the changes were laid over.
    """

    id: str
    plugin_id: str
    changes: Mapping[str, Any]
    days: float
    etag: str
    actor: str
    at: str | None
    state: str
    progress: float
    course: Course | None
    reason: ReasonView | None
    result: Any
    links: Mapping[str, str]


def preview_policy(call: Call, body: Any, plugin_id: str) -> Answer:
    """Begin to compute. Raises Problem 400 as a change of the policy would, 409 while another one is computed."""
    layers = layers_of(call, plugin_id)
    given = given_fields(body.changes)
    proposed = changed_layers(call, layers, given)
    previews = _previews(call)
    asked = Asked(
        id=new_id("pv", call.now),
        plugin_id=layers.target or DEFAULT,
        changes=msgspec.to_builtins(given),
        days=body.days,
        etag=policy_etag(layers.view()),
        actor=call.actor,
        at=call.now,
    )
    order = Order(
        asked=asked,
        directory=str(previews.directory / asked.id),
        engine=call.system.config.engine,
        present=layers.policies(),
        proposed=proposed.policies(),
    )
    try:
        previews.start(order)
    except Busy as busy:
        raise Problem(409, busy.code, str(busy), members={"preview_id": busy.preview_id}) from busy
    return Answer(_view(previews.read(asked.id), call.lang), 202)


def list_previews(call: Call) -> Answer:
    """Return the last ones, newest first, without their results."""
    views = [_view(standing, call.lang) for standing in _previews(call).list()]
    return Answer([msgspec.structs.replace(view, result=None) for view in views])


def read_preview(call: Call, preview_id: str) -> Answer:
    return Answer(_view(_previews(call).read(preview_id), call.lang))


def cancel_preview(call: Call, preview_id: str) -> Answer:
    """Ask it to stop; it does within a step. Nothing happens to one that is over."""
    previews = _previews(call)
    previews.cancel(preview_id)
    return Answer(_view(previews.read(preview_id), call.lang))


def _previews(call: Call) -> Previews:
    return Previews.of(call.system.config.state_dir)


def _view(standing: Standing, lang: str) -> PreviewView:
    asked, outcome = standing.asked, standing.outcome
    own = f"{BASE}/policy-previews/{asked.id}"
    return PreviewView(
        id=asked.id,
        plugin_id=asked.plugin_id,
        changes=asked.changes,
        days=asked.days,
        etag=asked.etag,
        actor=asked.actor,
        at=iso(asked.at),
        state=standing.state,
        progress=standing.progress,
        course=standing.course,
        reason=_reason(Message(outcome.code, outcome.params), lang) if outcome and outcome.code else None,
        result=_result(standing, lang),
        links={"self": own, "policy": f"{BASE}/policies/{asked.plugin_id}"},
    )


def _result(standing: Standing, lang: str) -> Any:
    found = standing.outcome.result if standing.outcome else standing.first
    return found.get(lang) if found else None


def _reason(message: Message, lang: str) -> ReasonView:
    return ReasonView(code=message.code, text=render(message, lang), help=help_for(message, lang))


ROUTES = (
    Route(
        "POST", "/policies/<plugin_id>/preview", Role.ADMIN, preview_policy, "Compute what a policy would have done",
        PreviewView, body=PreviewBody, status=202,
    ),
    Route("GET", "/policy-previews", Role.VIEWER, list_previews, "List previews", list[PreviewView]),
    Route("GET", "/policy-previews/<preview_id>", Role.VIEWER, read_preview, "Read a preview", PreviewView),
    Route("DELETE", "/policy-previews/<preview_id>", Role.ADMIN, cancel_preview, "Cancel a preview", PreviewView),
)  # fmt: skip
