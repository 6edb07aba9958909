"""Whether the caller must say, and does say, which state of a thing they have seen (RFC 9110, 13.1.1; RFC 6585, 3)."""

import re

from ..domain import Knob, Reversibility, Risk, Suggestion
from .problem import Problem
from .route import Call

ANY = "*"
REVISION = re.compile(r'"([0-9]{1,9})"')


def needs_revision(suggestion: Suggestion, knob: Knob | None) -> bool:
    """Tell whether executing this needs the revision that was read: what is risky, or cannot be taken back exactly."""
    change = suggestion.proposal.change
    if change is None:
        return False
    return suggestion.proposal.risk is Risk.HIGH or (
        knob is not None and knob.reversibility_to(change.after) is not Reversibility.REVERSIBLE
    )


def given_revision(call: Call, in_body: int | None) -> int | None:
    """Return the revision of the body or of If-Match; None where there is none. Raises Problem 400."""
    header = call.headers.get("If-Match")
    if header is None or header.strip() == ANY:
        return in_body
    etag = REVISION.fullmatch(header.strip())
    if etag is None:
        raise Problem(400, "invalid_field", 'If-Match must be the suggestion\'s ETag, a revision such as "3"')
    revision = int(etag[1])
    if in_body not in {None, revision}:
        raise Problem(400, "invalid_field", "If-Match and revision name different revisions")
    return revision


def require_revision(suggestion: Suggestion, knob: Knob | None, revision: int | None) -> None:
    """Raise Problem 428 where the revision is needed and was not sent."""
    if revision is not None or not needs_revision(suggestion, knob):
        return
    present = suggestion.revision
    detail = (
        f"this change is risky or cannot be taken back exactly: send the revision you have read, in the body as "
        f'{{"revision": {present}}} or in the header as If-Match: "{present}"; it is {present} now'
    )
    raise Problem(428, "revision_required", detail, {"ETag": f'"{present}"'}, {"revision": present})


def require_match(call: Call, etag: str) -> None:
    """Raise Problem 428 without If-Match, 412 where it names another state than `etag`."""
    header = call.headers.get("If-Match")
    if header is None:
        detail = f"send the ETag of what you have read in the header If-Match; it is {etag} now"
        raise Problem(428, "revision_required", detail, {"ETag": etag})
    if header.strip() != ANY and etag not in (tag.strip() for tag in header.split(",")):
        detail = f"somebody changed this since you read it: read it again; its ETag is {etag} now"
        raise Problem(412, "stale", detail, {"ETag": etag})
