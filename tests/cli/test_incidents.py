"""What is wrong, what was, and what people say of it."""

import time
from dataclasses import replace
from pathlib import Path

from cli.test_commands import Shell, shell, system
from web.small_system import SmallSystem, add_plugin, finding, record_cycle
from web.test_past_incidents import was_wrong

from plugin_optimizer.domain import FindingKind, Metric, Severity

__all__ = ["shell", "system"]  # fixtures


def test_what_is_over_is_listed_and_exported(system: SmallSystem, shell: Shell, tmp_path: Path) -> None:
    """What hurt nobody only with --all; filters without --past are refused with what to add."""
    was_wrong(system, time.time() - 3600)
    was_wrong(system, time.time() - 7200, Severity.INFO)
    said = shell("incidents", "--past").output
    assert said.count("orders: ") == 1
    assert "orders workers: 4 → 2" in said
    assert shell("incidents", "--past", "--all").output.count("orders: ") == 2
    assert "nothing was wrong that fits" in shell("incidents", "--past", "--plugin", "menu").output
    assert "add --past" in shell("incidents", "--plugin", "menu", code=2).output
    file = tmp_path / "incidents.csv"
    shell("incidents", "--export", "csv", "--all", "--output", str(file))
    assert len(file.read_text("utf-8-sig").splitlines()) == 3


def test_what_was_no_problem_is_said_listed_and_taken_back(system: SmallSystem, shell: Shell) -> None:
    """Who said it, when, and what became of it."""
    add_plugin(system)
    found = replace(finding(), kind=FindingKind.DEVIATION, metric=Metric.CPU_RATIO, score=0.75)
    record_cycle(system, findings=(found,))
    said = shell("feedback", "no-problem", "orders", "cpu_ratio", "deviation", "--reason", "the sale").output
    assert "bar raised 2.5 times" in said
    assert "the sale" in shell("feedback", "list").output
    assert "taken back" in shell("feedback", "undo", said.split(":")[0]).output
    assert "404" in shell("feedback", "no-problem", "orders", "memory_bytes", "shift", code=1).output
