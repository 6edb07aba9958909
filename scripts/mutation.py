"""Mutation score of the core: state machine, rails, gate and fence, by mutmut, in a copy of the tree below `build/`.

    python scripts/mutation.py [--only apply gate] [--tests tests/monitor/test_gate.py] [--per-module 60] [--seed 1] [--minutes 30]

Of each module a seeded sample of its mutants is tried (0: all of them). Prints the score of each module and every survivor
with its change, and ends with an error below 85 % or where nothing was tried.
"""

import argparse
import ast
import difflib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "mutation"
LEAST_SCORE = 0.85
SURVIVED, UNTESTED = 0, 33  # mutmut's exit codes of a mutant's tests: all passed; no test reaches it
EXECUTE, STATE, MONITOR = "execute", "knowledge/state", "monitor"
CORE = {
    EXECUTE: (
        "executor", "apply", "preflight", "settle", "decision", "automatic", "calendar", "actuator", "fences", "orders",
        "rails", "rails_case", "rails_pace", "rails_past", "rails_value",
    ),
    STATE: ("executions", "execution_rows", "approvals"),
    MONITOR: ("gate",),
}  # fmt: skip
TESTS = [
    "tests/execute/test_apply.py", "tests/execute/test_apply_reasons.py", "tests/execute/test_rails.py",
    "tests/execute/test_rails_pace.py", "tests/execute/test_rails_reasons.py", "tests/execute/test_calendar.py",
    "tests/execute/test_verifier_decisions.py", "tests/execute/test_actuator.py", "tests/execute/test_executor.py",
    "tests/execute/test_automatic.py", "tests/execute/test_rails_executor.py", "tests/execute/test_state_event_table.py",
    "tests/monitor/test_gate.py", "tests/monitor/test_gate_limits.py", "tests/knowledge/state/test_executions.py",
    "tests/knowledge/state/test_approvals.py", "tests/knowledge/state/test_audit.py",
]  # fmt: skip
# Long histories drawn at random: they find much, and take too long to be run once for each mutant.
TOO_LONG = "any_history or to_and_fro or approved_together or never_go_further or any_lag or postgresql"


def main() -> int:
    arguments = _arguments()
    modules = [f"{room}/{name}" for room, names in CORE.items() for name in names]
    modules = [m for m in modules if not arguments.only or m.rpartition("/")[2] in arguments.only]
    _copy(modules, arguments.tests or TESTS)
    deadline = time.monotonic() + 60.0 * arguments.minutes
    _mutmut(["plugin_optimizer.nothing.matches"], deadline)  # makes the mutants, and learns which test reaches which
    chance = random.Random(arguments.seed)  # noqa: S311 - a sample, no secret
    sample = [name for module in modules for name in _sampled(module, arguments.per_module, chance)]
    if sample:
        _mutmut(sample, deadline)
    return _report(modules, sample)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="mutation score of the core")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--tests", nargs="*", default=[])
    parser.add_argument("--per-module", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30.0)
    return parser.parse_args()


def _copy(modules: list[str], tests: list[str]) -> None:
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "static", "browser", "live")
    for name in ("src", "tests", "api", "core", "examples"):
        shutil.copytree(ROOT / name, BUILD / name, ignore=ignored)
    shutil.copy(ROOT / "app.py", BUILD)
    options = ["-p", "no:randomly", "-p", "no:cacheprovider", "-x", "-k", f"not ({TOO_LONG})"]
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/plugin_optimizer/{module}.py" for module in modules],
        "pytest_add_cli_args_test_selection": [test for test in tests if (ROOT / test).exists()],
        "pytest_add_cli_args": options,
        "also_copy": ["api", "core", "app.py", "examples"],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    text = (ROOT / "pyproject.toml").read_text()
    (BUILD / "pyproject.toml").write_text(
        "\n".join([text, "[tool.mutmut]", *lines, "use_git_change_detection = false\n"])
    )


def _mutmut(names: list[str], deadline: float) -> None:
    """Run mutmut; what is not tried when time is over stays untried. `CI` makes hypothesis repeat itself exactly."""
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "2", *names]
    with (BUILD / "mutmut.log").open("ab") as log:
        running = subprocess.Popen(command, cwd=BUILD, env={**os.environ, "CI": "1"}, stdout=log, stderr=log)  # noqa: S603 - our own tool
        try:
            running.wait(max(deadline - time.monotonic(), 1.0))
        except subprocess.TimeoutExpired:
            running.terminate()
            running.wait()


def _results(module: str) -> dict[str, int | None]:
    meta = BUILD / "mutants" / "src" / "plugin_optimizer" / f"{module}.py.meta"
    found: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"] if meta.exists() else {}
    return found


def _sampled(module: str, size: int, chance: random.Random) -> list[str]:
    names = sorted(_results(module))
    return names if size <= 0 or size >= len(names) else sorted(chance.sample(names, size))


def _report(modules: list[str], sample: list[str]) -> int:
    print(f"{'module':34} mutants sampled tried killed survived score")
    every: Counter[str] = Counter()
    survivors: list[str] = []
    for module in modules:
        codes = _results(module)
        asked = set(sample) & codes.keys()
        tried = {name: codes[name] for name in asked if codes[name] is not None}
        left = sorted(name for name, code in tried.items() if code in {SURVIVED, UNTESTED})
        every.update(mutants=len(codes), sampled=len(asked), tried=len(tried), survived=len(left))
        print(_line(module, len(codes), len(asked), len(tried), len(left)))
        survivors += [_described(module, name) for name in left]
    print(_line("all", every["mutants"], every["sampled"], every["tried"], every["survived"]))
    print("\nsurvivors", *survivors, sep="\n")
    return 0 if every["tried"] and 1 - every["survived"] / every["tried"] >= LEAST_SCORE else 1


def _line(module: str, mutants: int, sampled: int, tried: int, survived: int) -> str:
    score = f"{(tried - survived) / tried:.1%}" if tried else "-"
    return f"{module:34} {mutants:7} {sampled:7} {tried:5} {tried - survived:6} {survived:8} {score:>5}"


def _described(module: str, name: str) -> str:
    source = (BUILD / "mutants" / "src" / "plugin_optimizer" / f"{module}.py").read_text()
    lines_of = source.splitlines()
    nodes = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))
    functions = {n.name: "\n".join(lines_of[n.lineno - 1 : n.end_lineno]) for n in nodes}
    short = name.rpartition(".")[2]
    original = functions.get(re.sub(r"\d+$", "orig", short)) or ""
    lines = difflib.unified_diff(original.splitlines(), (functions.get(short) or "").splitlines(), n=0, lineterm="")
    changes = [line for line in lines if not line.startswith(("---", "+++", "@@")) and "__mutmut_" not in line]
    return f"{module}: {short}\n" + "\n".join(f"    {re.sub(' +', ' ', line)}" for line in changes)


if __name__ == "__main__":
    sys.exit(main())
