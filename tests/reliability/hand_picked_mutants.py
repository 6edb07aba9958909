"""The tests can fail: guards taken out of the core one by one, each of which a test must notice."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.reliability.promise import Measured

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "src" / "plugin_optimizer"
LIMITS_SECONDS = (240.0, 900.0)
GATE_MUTANTS = 10
TEST_SECONDS = 120.0
APPLY, APPLY_TESTS = "execute/apply.py", "execute/test_apply_reasons.py"
PACE, VALUE, RAIL_TESTS = "execute/rails_pace.py", "execute/rails_value.py", "execute/test_rails.py"
GATE, GATE_TESTS = "monitor/gate.py", "monitor/test_gate.py monitor/test_gate_limits.py"
ACTUATOR, ACTUATOR_TESTS = "execute/actuator.py", "execute/test_actuator.py"
CALENDAR, CALENDAR_TESTS = "models/calendar.py", "models/test_calendar.py"
DECISION, DECISION_TESTS = "execute/decision.py", "execute/test_verifier_decisions.py"
EXECUTOR, EXECUTOR_TESTS = "execute/executor.py", "execute/test_executor.py execute/test_state_event_table.py"
STORE, STORE_TESTS = "knowledge/state/executions.py", "knowledge/state/test_executions.py"

# file, what stands there, what is put in its place, tests that must notice. The first ten are those of the gate.
MUTANTS = (
    (GATE, "not math.isfinite(value) or", "False or", GATE_TESTS),  # NaN passes
    (APPLY, "value == execution.step.seen:", "False:", APPLY_TESTS),  # the second step before the first showed
    (VALUE, "case.kind in NEVER_ZERO and", "False and", RAIL_TESTS),
    (ACTUATOR, "if order.fence <= mark.fence:", "if False:", ACTUATOR_TESTS),
    (DECISION, "if deadline_passed else Decision.WAIT", "if True else Decision.WAIT", DECISION_TESTS),
    (PACE, "unwell * UNWELL_PARTS > len", "unwell * UNWELL_PARTS >= len", RAIL_TESTS),
    (CALENDAR, "self.begin <= now < self.end", "self.begin <= now <= self.end", CALENDAR_TESTS),
    (APPLY, "min(before, after) <= value", "min(before, after) < value", APPLY_TESTS),
    (GATE, "sample.at == newest", "False", GATE_TESTS),
    (VALUE, "start = min(turned", "start = max(turned", "execute/test_rails_reasons.py"),
    (ACTUATOR, "if order.fence <= mark.fence:", "if order.fence < mark.fence:", ACTUATOR_TESTS),
    (ACTUATOR, "if not order.back and self.stopped():", "if False:", APPLY_TESTS),
    (ACTUATOR, "if not order.back and self.stopped():", "if self.stopped():", APPLY_TESTS),
    (ACTUATOR, "if value != order.seen:", "if False:", APPLY_TESTS),
    (APPLY, "now - execution.updated_at < SETTLED_READS_SECONDS", "False", APPLY_TESTS),
    (APPLY, "execution.tries + 1 < TRIES", "execution.tries + 1 <= TRIES", APPLY_TESTS),
    (APPLY, "except OptimizerError:\n", "except Stale:\n", APPLY_TESTS),
    (APPLY, "if not _expected(value, execution):", "if False:", APPLY_TESTS),
    (APPLY, "if not on_the_way(value, execution):", "if False:", APPLY_TESTS),
    (APPLY, "value == execution.change.before:  # a restart", "False:  # a restart", APPLY_TESTS),
    (GATE, "abs(value) > LARGEST", "abs(value) >= LARGEST", GATE_TESTS),
    (GATE, "if value < 0:", "if value <= 0:", GATE_TESTS),
    (GATE, "sample.at > now + FUTURE_SECONDS", "sample.at >= now + FUTURE_SECONDS", GATE_TESTS),
    (GATE, "sample.at < now - PAST_SECONDS", "False", GATE_TESTS),
    (GATE, "and sample.at < newest", "and False", GATE_TESTS),
    (GATE, "if sample.metric not in doubted)", "if True)", GATE_TESTS),
    (DECISION, "if purpose is Purpose.SAVE else Decision.UNDO", "if True else Decision.UNDO", DECISION_TESTS),
    (DECISION, "if verdict.outcome is Outcome.WORSE:\n        return Decision.UNDO",
     "if verdict.outcome is Outcome.WORSE:\n        return Decision.KEEP", DECISION_TESTS),
    (DECISION, "codes & UNJUDGEABLE and not auto", "codes & UNJUDGEABLE", DECISION_TESTS),
    (PACE, "rest_seconds > 0 else None\n\n\ndef one", "rest_seconds > 50 else None\n\n\ndef one", RAIL_TESTS),
    (PACE, "undone >= ROLLBACKS_PER_HOUR", "undone > ROLLBACKS_PER_HOUR", RAIL_TESTS),
    (PACE, "if related(case.plugin, plugin):", "if False:", RAIL_TESTS),
    (PACE, "not case.after(other):", "False:", RAIL_TESTS),
    (VALUE, "not -LARGEST <= after <= LARGEST", "False", RAIL_TESTS),
    (VALUE, "policy.min_workers <= after <= policy.max_workers", "True", RAIL_TESTS),
    (VALUE, "if too_far(start, after, least):", "if False:", RAIL_TESTS),
    (EXECUTOR, "if decision is Decision.WAIT and self._overdue(execution):", "if False:", EXECUTOR_TESTS),
    (EXECUTOR, "if not execution.undoing and self._overdue(execution):", "if False:", EXECUTOR_TESTS),
    (STORE, "if execution.state not in TRANSITIONS[previous]:", "if False:", STORE_TESTS),
    (STORE, "fence=stored.fence + 1", "fence=stored.fence", STORE_TESTS),
)  # fmt: skip


def measure(deep: bool) -> list[Measured]:
    """Try each mutant in a copy of the product; one that its tests do not notice, or that fits nowhere, does not hold."""
    mutants = MUTANTS if deep else MUTANTS[:GATE_MUTANTS]
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / "plugin_optimizer"
        shutil.copytree(PRODUCT, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
        missed = [f"{file}: {new!r}" for file, old, new, tests in mutants if not _noticed(copy, file, old, new, tests)]
    figure = f"{len(mutants) - len(missed)} of {len(mutants)} noticed" + "".join(f"; missed {each}" for each in missed)
    what = "guards of fence, rails, gate and state machine taken out, one by one"
    return [Measured("a missing guard is noticed by a test", what, figure, f"{len(mutants)}", not missed)]


def _noticed(copy: Path, file: str, old: str, new: str, tests: str) -> bool:
    whole = (PRODUCT / file).read_text()
    if whole.count(old) < 1:
        return False
    (copy / file).write_text(whole.replace(old, new, 1))
    try:
        return _tests_fail(copy.parent, tests)
    finally:
        (copy / file).write_text(whole)


def _tests_fail(source: Path, tests: str) -> bool:
    """Tell whether a test failed (1), which is not the same as one that could not be run."""
    paths = [str(ROOT / "tests" / name) for name in tests.split()]
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "-k", "not postgresql"]
    command = [sys.executable, "-m", "pytest", *options, "-o", f"pythonpath={source} {ROOT} {ROOT / 'tests'}", *paths]
    environment = {**os.environ, "CI": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=TEST_SECONDS)
    return finished.returncode == 1
