"""What the engine names by a code has a name on the dashboard, in both languages."""

import json
from pathlib import Path

import pytest

from plugin_optimizer.plan import PLANNERS

TEXTS = Path(__file__).resolve().parents[2] / "frontend" / "src" / "lib" / "i18n"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_each_planner_has_a_name(lang: str) -> None:
    """A page never shows the code of a planner that comes with the engine."""
    named = json.loads((TEXTS / f"plugin.{lang}.json").read_text())
    assert not [name for name in PLANNERS if f"planner.{name}" not in named]
