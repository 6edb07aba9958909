"""Dispatches → letters: what is told, in the words of the channel's language. Pure."""

from collections.abc import Sequence
from urllib.parse import urlencode

from ..domain import Dispatch, Letter, Line, Message, Notice, NoticeKind, Phase, Severity
from ..domain.notification import MOST_WRITTEN
from ..wording import help_for, render
from .settings import Notify, Rules

# What a notice is about is the object of these sentences; the others say it themselves.
WRAPPED = frozenset(
    {
        NoticeKind.SUGGESTION_OPENED,
        NoticeKind.EXECUTION_STARTED,
        NoticeKind.CHANGE_KEPT,
        NoticeKind.CHANGE_UNDONE,
        NoticeKind.CHANGE_FAILED,
        NoticeKind.NEEDS_PERSON,
    }
)


def letter_of(dispatch: Dispatch, rules: Rules, settings: Notify) -> Letter:
    """Return the message."""
    lang, notices = rules.language, dispatch.notices
    left = max(len(notices) - MOST_WRITTEN, 0) + dispatch.more
    return Letter(
        id=dispatch.id,
        channel=dispatch.channel,
        at=dispatch.created_at,
        language=lang,
        severity=dispatch.severity,
        title=title(notices, len(notices) + dispatch.more, lang),
        lines=tuple(_line(notice, lang, settings.dashboard_url) for notice in notices),
        more=dispatch.more,
        closing=render(Message("letter_more", {"more": left}), lang) if left else "",
        link=settings.dashboard_url or None,
        link_text=render(Message("letter_link"), lang),
    )


def trial_letter(letter_id: str, channel: str, rules: Rules, settings: Notify, actor: str, at: float) -> Letter:
    """Return the message that shows whether a channel works."""
    said = render(Message("letter_test", {"actor": actor, "channel": channel}), rules.language)
    return Letter(
        id=letter_id,
        channel=channel,
        at=at,
        language=rules.language,
        severity=Severity.INFO,
        title=said,
        link=settings.dashboard_url or None,
        link_text=render(Message("letter_link"), rules.language),
        test=True,
    )


def title(notices: Sequence[Notice], count: int, lang: str) -> str:
    """Return the only notice itself, else how many there are of what."""
    first = notices[0]
    if count == 1:
        said = sentence(first, lang)
        led = {Phase.GOES_ON: "letter_reminder", Phase.OVER: "letter_recovery"}.get(first.phase)
        return said if led is None else render(Message(led, {"said": said}), lang)
    if len({notice.phase for notice in notices}) == 1 and first.phase is Phase.OVER:
        return render(Message("letter_over", {"count": count}), lang)
    kinds = {notice.kind for notice in notices}
    code = f"letter_{first.kind}" if len(kinds) == 1 else "letter_digest"
    return render(Message(code, {"count": count}), lang)


def sentence(notice: Notice, lang: str) -> str:
    """Return a notice in words."""
    about = render(notice.message, lang)
    reason = None if notice.reason is None else render(notice.reason, lang)
    params = {"plugin_id": notice.plugin_id, "title": about, "reason": reason, "trouble": about}
    if notice.phase is Phase.OVER:
        return render(Message(f"over_{notice.kind}", params), lang)
    return render(Message(f"told_{notice.kind}", params), lang) if notice.kind in WRAPPED else about


def _line(notice: Notice, lang: str, dashboard_url: str) -> Line:
    over = notice.phase is Phase.OVER
    advice = None if over else help_for(notice.reason or notice.message, lang)
    return Line(notice, sentence(notice, lang), link_to(notice, dashboard_url), advice)


def link_to(notice: Notice, dashboard_url: str) -> str | None:
    """Return where the dashboard shows it; None where nobody said where the dashboard is."""
    if not dashboard_url:
        return None
    if notice.execution_id is not None and notice.kind is not NoticeKind.EXECUTION_STARTED:
        where = {"tab": "history", "execution": notice.execution_id}
    elif notice.plugin_id is not None:
        where = {"plugin": notice.plugin_id}
    else:
        return dashboard_url
    return f"{dashboard_url.rstrip('/')}/?{urlencode(where)}"
