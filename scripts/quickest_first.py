"""A pytest plugin of `scripts/mutation.py`: of the tests that reach a mutant the quickest go first, for so many seconds.

A mutant is dead at the first test that fails, and mutmut hands its tests over in no order. What would have been noticed
only by a test that takes longer than all the quick ones together counts as not noticed.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

TIMES = Path("mutmut-stats.json")  # mutmut runs the tests where it has left it
MOST_SECONDS = float(os.environ.get("MUTANT_SECONDS", "inf"))
WHOLE = {"stats", "list_all_tests"}  # what mutmut says it is about when it wants to know of every test


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort by the seconds that each took without a mutant; before those are known nothing is moved."""
    if not TIMES.exists() or os.environ.get("MUTANT_UNDER_TEST") in WHOLE:
        return
    seconds: dict[str, float] = json.loads(TIMES.read_text())["duration_by_test"]
    quick = list(_quick(items, seconds))
    config.hook.pytest_deselected(items=[item for item in items if item not in quick])
    items[:] = quick


def _quick(items: list[pytest.Item], seconds: dict[str, float]) -> Iterator[pytest.Item]:
    spent = 0.0
    for item in sorted(items, key=lambda item: seconds.get(item.nodeid, 0.0)):
        spent += seconds.get(item.nodeid, 0.0)
        if spent > MOST_SECONDS:
            return
        yield item
