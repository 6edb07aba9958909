"""A pytest plugin of `scripts/mutation.py`: a mutant meets the tests of its module, the quickest first, for so many seconds.

mutmut hands over every test that comes by, in no order: a whole suite for what each of its tests passes through. A mutant
is dead at the first test that fails. What only a test of another module would have noticed, or one that takes longer than
all the quick ones together, counts as not noticed.
"""

import functools
import gc
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

TIMES = Path("mutmut-stats.json")  # mutmut runs the tests where it has left it
MOST_SECONDS = float(os.environ.get("MUTANT_SECONDS", "inf"))
TESTS_OF: dict[str, list[str]] = json.loads(
    os.environ.get("MUTANT_TESTS", "{}")
)  # test files by module, as mutmut names it
CACHED = type(functools.lru_cache(maxsize=1)(len))
WHOLE = {"stats", "list_all_tests"}  # what mutmut says it is about when it wants to know of every test


def pytest_configure(config: pytest.Config) -> None:
    """Leave out the files of other modules' tests before they are even loaded; remember no answer of the unchanged code.

    A mutant runs in a fork of the process that took the times: what was cached there would answer in its place.
    """
    for cached in [found for found in gc.get_objects() if isinstance(found, CACHED)]:
        if (cached.__module__ or "").startswith("plugin_optimizer"):
            cached.cache_clear()
    module = os.environ.get("MUTANT_UNDER_TEST", "").rpartition(".")[0]
    of_module = [test for test in config.args if test.partition("::")[0] in TESTS_OF.get(module, ())]
    if of_module:
        config.args = of_module


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
