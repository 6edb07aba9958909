"""How well predictions held: by kind, and one by one."""

from collections.abc import Iterable, Sequence

from ...domain import SuggestionType
from ...models.ledger_entry import Kind, LedgerEntry
from ...models.track_record import LEAST_OF_PLUGIN, track_record
from ..ledgers import ledger_of
from ..paging import Identifier, Limit, next_page
from ..problem import Problem
from ..route import Answer, Call, Role, Route, Strict
from ..views.calibration import CalibrationView, KindView, view_entry, view_kind


class CalibrationQuery(Strict, frozen=True, kw_only=True):
    """`after` is the execution of the last entry of the previous page."""

    plugin_id: Identifier | None = None
    suggestion_type: SuggestionType | None = None
    limit: Limit = 100
    after: Identifier | None = None


def read_calibration(call: Call, query: CalibrationQuery) -> Answer:
    """Return the kinds, and a page of the entries, newest first; both of the latest 1,000 executions."""
    asked = [e for e in ledger_of(call.system).entries() if query.suggestion_type in {None, e.type}]
    entries = [e for e in asked if query.plugin_id in {None, e.plugin_id}]
    begin = _begin(entries, query.after)
    shown, left = entries[begin : begin + query.limit], entries[begin + query.limit :]
    view = CalibrationView(
        kinds=tuple(_kinds(asked, query.plugin_id, call.lang)),
        entries=tuple(view_entry(entry, call.lang) for entry in shown),
    )
    return Answer(view, headers=next_page(shown[-1].execution_id if left else None))


def _begin(entries: Sequence[LedgerEntry], after: str | None) -> int:
    if after is None:
        return 0
    for index, entry in enumerate(entries):
        if entry.execution_id == after:
            return index + 1
    raise Problem(400, "invalid_field", f"after is {after!r}, which is no id of this list")


def _kinds(entries: Sequence[LedgerEntry], plugin_id: str | None, lang: str) -> Iterable[KindView]:
    """Yield each kind over all plugins, and by itself each plugin with 10 comparisons; or all of the one asked for."""
    record = track_record(entries)
    if plugin_id is None:
        for kind, found in sorted(record.kinds.items()):
            yield view_kind(kind, None, found, _not_compared(entries, kind), lang)
    for (kind, owner), found in sorted(record.plugins.items()):
        if owner == plugin_id or (plugin_id is None and found.count >= LEAST_OF_PLUGIN):
            own = [entry for entry in entries if entry.plugin_id == owner]
            yield view_kind(kind, owner, found, _not_compared(own, kind), lang)


def _not_compared(entries: Iterable[LedgerEntry], kind: Kind) -> int:
    return sum(entry.kind == kind and entry.compared is None for entry in entries)


ROUTES = (
    Route(
        "GET", "/calibration", Role.VIEWER, read_calibration, "Compare predictions with outcomes", CalibrationView,
        CalibrationQuery,
    ),
)  # fmt: skip
