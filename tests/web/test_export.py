"""The history as a file."""

import csv
import io

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, finish, offer

from plugin_optimizer.web.neutral import neutral
from plugin_optimizer.web.resources.export import COLUMNS


def test_the_history_as_csv_and_json(system: SmallSystem, operator: Api) -> None:
    """One row per execution with all columns; the JSON holds the same executions."""
    finish(system, operator.post(f"/execute/{offer(system).id}").json["execution_id"])
    answer = operator.get("/export/history.csv?lang=ko")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0] == list(COLUMNS)
    assert len(rows[1]) == len(COLUMNS)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert operator.get("/export/history.json").json[0]["id"] == rows[1][0]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|calc", "%0"])
def test_a_spreadsheet_takes_nothing_for_a_formula(text: str) -> None:
    """What begins like a formula is led by an apostrophe; numbers stay numbers."""
    assert neutral(text) == "'" + text
    assert neutral(-1.5) == -1.5
    assert neutral("orders") == "orders"
