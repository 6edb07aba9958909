"""The history: searched on the server, in pages, and as files that spreadsheets and scripts can open."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, finish, offer, proposal

from plugin_optimizer.domain import ExecutionState, Message, SuggestionType
from plugin_optimizer.web.history_csv import COLUMNS
from plugin_optimizer.web.neutral import neutral

S = ExecutionState
YESTERDAY, TOMORROW = "2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


def executed(system: SmallSystem, api: Api, plugin_id: str, state: S = S.SUCCEEDED, **changes: object) -> str:
    execution_id: str = api.post(f"/execute/{offer(system, plugin_id, **changes).id}").json["execution_id"]
    if state is not S.QUEUED:
        finish(system, execution_id, state)
    return execution_id


def ids(answer: object) -> list[str]:
    return [execution["id"] for execution in answer.json]  # type: ignore[attr-defined]


@pytest.fixture
def known(system: SmallSystem, operator: Api, admin: Api) -> dict[str, str]:
    """Four executions: kept, undone, of another type, and one that has not begun."""
    change = proposal("search").change
    assert change is not None
    other = replace(change, knob="timeout", before=30, after=60)
    return {
        "kept": executed(system, operator, "orders"),
        "undone": executed(system, operator, "menu", S.ROLLED_BACK),
        "typed": executed(system, admin, "search", type=SuggestionType.UPDATE_CONFIG, change=other),
        "queued": executed(system, admin, "billing", S.QUEUED),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["queued", "typed", "undone", "kept"]),
        ("plugin_id=menu", ["undone"]),
        ("suggestion_type=update_config", ["typed"]),
        ("result=success", ["typed", "kept"]),
        ("result=rolled_back", ["undone"]),
        ("result=in_progress", ["queued"]),
        ("result=failed", []),
        ("approved_by=admin-token", ["queued", "typed"]),
        ("approved_by=admin-token&result=success", ["typed"]),
        (f"from={YESTERDAY}", ["queued", "typed", "undone", "kept"]),
        (f"to={YESTERDAY}", []),
        (f"from={YESTERDAY}&to={TOMORROW}&plugin_id=orders", ["kept"]),
        ("q=TIMEOUT", ["typed"]),
        ("q=menu%20help&lang=en", ["undone"]),
        ("q=menu%20nothing", []),
        ("q=도움이&lang=ko", ["undone"]),
    ],
)
def test_the_history_is_searched(known: dict[str, str], operator: Api, query: str, names: Sequence[str]) -> None:
    """By plugin, type, result, person, time and words of what people read; several add up. The files hold the same."""
    assert ids(operator.get(f"/history?{query}")) == [known[name] for name in names]
    assert ids(operator.get(f"/history.json?{query}")) == [known[name] for name in names]
    assert [row[0] for row in read_csv(operator, query)[1:]] == [known[name] for name in names]


def test_pages_keep_the_filter_and_say_how_many(known: dict[str, str], operator: Api) -> None:
    """The link of a page leads to the next of the same search; the count is that of the search."""
    first = operator.get("/history?result=success&limit=1")
    assert first.headers["Total-Count"] == "2"
    path = first.headers["Link"].split(">")[0].removeprefix("</api/plugin-optimization")
    second = operator.get(path)
    assert ids(first) + ids(second) == [known["typed"], known["kept"]]
    assert "Link" not in second.headers
    assert "Total-Count" not in operator.get("/history?q=menu").headers


@pytest.mark.parametrize("query", ["result=good", "from=monday", "suggestion_type=x", "who=ann", "q=" + "x" * 201])
@pytest.mark.parametrize("path", ["/history", "/history.csv", "/history.json"])
def test_what_cannot_be_asked_is_refused(operator: Api, path: str, query: str) -> None:
    """Before anything is sent, with a problem rather than half a file."""
    assert operator.get(f"{path}?{query}").status_code == 400


def test_a_page_asks_the_store_a_fixed_number_of_times(
    known: dict[str, str], operator: Api, system: SmallSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not once for each row: a thousand rows are no thousand queries."""
    asked: list[str] = []
    real = system.state.suggestion
    monkeypatch.setattr(type(system.state), "suggestion", lambda _, name: asked.append(name) or real(name))
    rows = operator.get("/history").json
    assert len(rows) == len(known)
    assert asked == []
    assert all(row["prediction"]["expected"] == 0.31 for row in rows)


def read_csv(api: Api, query: str = "") -> list[list[str]]:
    answer = api.get(f"/history.csv?{query}")
    assert answer.status_code == 200, answer.json
    content = answer.get_data()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_csv_is_what_the_standard_says(known: dict[str, str], operator: Api) -> None:
    """RFC 4180: CR LF, quotes where they are needed, the same columns in each row; UTF-8 that spreadsheets know as such."""
    answer = operator.get("/history.csv?lang=ko")
    text = answer.get_data().decode("utf-8-sig")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'attachment; filename="history.csv"' in answer.headers["Content-Disposition"]
    assert text.count("\r\n") == len(known) + 1
    assert text.replace("\r\n", "").count("\n") == 0
    rows = read_csv(operator, "lang=ko")
    assert rows[0] == list(COLUMNS)
    assert {len(row) for row in rows} == {len(COLUMNS)}
    kept = dict(zip(rows[0], rows[-1], strict=True))
    assert (kept["knob"], kept["before"], kept["after"], kept["predicted"]) == ("workers", "2", "4", "0.31")
    assert "워커" in kept["description"]


def test_the_files_are_sent_as_they_are_read(
    system: SmallSystem, operator: Api, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long history is never held in memory as a whole: the store is asked for the next portion once the last was taken."""
    from plugin_optimizer.web import history_query

    monkeypatch.setattr(history_query, "PAGE", 1)
    asked: list[str | None] = []
    real = type(system.state).history  # type: ignore[attr-defined]

    def counting(state: object, found: object, limit: int, after: str | None) -> object:
        asked.append(after)
        return real(state, found, limit, after)

    monkeypatch.setattr(type(system.state), "history", counting)
    parts = iter(operator.get("/history.csv", buffered=False).response)
    next(parts)
    next(parts)
    assert len(asked) == 1
    assert len(list(parts)) == len(known) - 1
    assert len(asked) == len(known) + 1


def test_no_cell_is_run_by_a_spreadsheet(system: SmallSystem, operator: Api) -> None:
    """A note that begins like a formula is led by an apostrophe, wherever it came from."""
    executed(system, operator, "orders", title=Message("=cmd|' /C calc'!A0", {}))
    (row,) = read_csv(operator)[1:]
    assert dict(zip(COLUMNS, row, strict=True))["description"].startswith("'=")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|calc", "%0"])
def test_a_spreadsheet_takes_nothing_for_a_formula(text: str) -> None:
    """What begins like a formula is led by an apostrophe; numbers stay numbers."""
    assert neutral(text) == "'" + text
    assert neutral(-1.5) == -1.5
    assert neutral("orders") == "orders"


def test_an_empty_history_is_an_empty_file(viewer: Api) -> None:
    """The columns alone, and an empty array."""
    assert read_csv(viewer) == [list(COLUMNS)]
    assert json.loads(viewer.get("/history.json").get_data()) == []
