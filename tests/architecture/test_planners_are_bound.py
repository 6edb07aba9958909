"""Nobody forgets to hold a planner to its contract."""

import ast
from pathlib import Path

from plugin_optimizer.plan import PLANNERS

ROOT = Path(__file__).resolve().parents[2]


def bound() -> set[str]:
    """Return the planner classes that some test class inheriting PlannerContract makes."""
    found = set()
    for path in (ROOT / "tests" / "plan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and "PlannerContract" in {ast.unparse(base) for base in node.bases}:
                found |= {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
    return found


def test_every_planner_keeps_the_shipped_contract() -> None:
    """Among others: a change starts from what is observed and is predicted with an interval."""
    assert {make.__name__ for make in PLANNERS.values()} <= bound()


def test_every_planner_is_held_to_its_promise_where_it_runs() -> None:
    """The engine takes no change without a prediction (`models.promised`); what only looks at the past makes none."""
    sources = (ROOT / "src" / "plugin_optimizer").rglob("*.py")
    runs = {p.name: p.read_text() for p in sources if ".plan(window" in p.read_text() and p.parent.name != "testing"}
    assert set(runs) <= {"engine.py", "thinking.py"}
    assert "promised(p.plan(window, findings, planned))" in runs["engine.py"]
