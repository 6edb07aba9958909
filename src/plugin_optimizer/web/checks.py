"""What has to be in order for the product to work, each checked and explained."""

from collections.abc import Iterator

import msgspec

from ..domain import Message
from ..wording import help_for, render
from .dashboard import STATIC, Export
from .doctor import engine_troubles
from .fleet_index import fleet_index
from .metrics_in_troubles import metrics_in_troubles
from .notification_troubles import notification_troubles
from .route import Call


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """`help` says what to do where it is not ok."""

    code: str
    ok: bool
    text: str
    help: str | None


def run_checks(call: Call) -> Iterator[Check]:
    """Yield the checks: engine, notifications, plugins, dashboard."""
    troubles = list(engine_troubles(call))
    for trouble in troubles:
        yield _bad(trouble, call.lang)
    if not troubles:
        yield _good(Message("engine_turns", {}), call.lang)
    for trouble in notification_troubles(call):
        yield _bad(trouble, call.lang)
    for trouble in metrics_in_troubles(call):
        yield _bad(trouble, call.lang)
    plugins = len(fleet_index(call.system))
    if plugins:
        yield _good(Message("plugins_found", {"plugins": plugins}), call.lang)
    else:
        yield _bad(Message("no_plugins_found", {}), call.lang)
    if Export(STATIC).index is None:
        yield _bad(Message("dashboard_not_built", {}), call.lang)
    else:
        yield _good(Message("dashboard_built", {}), call.lang)


def _good(message: Message, lang: str) -> Check:
    return Check(code=message.code, ok=True, text=render(message, lang), help=None)


def _bad(message: Message, lang: str) -> Check:
    return Check(code=message.code, ok=False, text=render(message, lang), help=help_for(message, lang))
