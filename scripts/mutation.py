"""Mutation score of the core: state machine, rails, gate and fence, by mutmut, in a copy of the tree below `build/`.

    python scripts/mutation.py [--only apply gate] [--tests tests/monitor/test_gate.py] [--per-module 15] [--seed 1] [--minutes 30]
    python scripts/mutation.py --list-tests

Of each module a seeded sample of its mutants is tried (0: all of them). Prints the score of each module and every survivor
with its change, and ends with an error where a module or all together are below 85 %, or where nothing was tried.
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
# mutmut's exit codes of a mutant's tests: one failed, pytest itself did, or a file could not even be loaded; all passed or
# none reaches it; they ran on until they were stopped. Anything else says nothing: it counts as not tried.
KILLED, SURVIVED, ENDLESS = {1, 2, 3}, {0, 5, 33}, {-24, 24, 36, 152, -9}
APPLY, RAILS = ("apply", "apply_reasons", "apply_ways"), ("rails", "rails_pace", "rails_reasons", "rails_words")
LIVES = (
    "executor_records", "executor", "rails_executor", "state_event_table", "waiting_into_a_freeze", "points_on_the_way",
    "what_the_judge_is_given", "limits_of_an_execution", "between_look_and_deed", "late_orders", "actuator", "turns",
)  # fmt: skip
RECORDS = ("executions", "execution_records", "approvals", "rollbacks", "closings")
# The modules of the core by room, each with the tests that look after it.
CORE: dict[str, dict[str, tuple[str, ...]]] = {
    "execute": {
        "executor": LIVES, "turns": ("turns",), "whereabouts": (*LIVES, "whereabouts"), "apply": APPLY, "preflight": ("preflight",), "settle": ("settle",),
        "decision": ("verifier_decisions",), "automatic": ("automatic",),
        "actuator": ("actuator", "actuator_words"), "fences": ("fence_files", "actuator"), "orders": ("actuator_words",),
        "rails": RAILS, "rails_case": RAILS, "rails_pace": RAILS, "rails_value": RAILS, "rails_past": ("rails_past",),
    },
    "knowledge/state": {"executions": RECORDS, "execution_rows": RECORDS, "approvals": RECORDS},
    "models": {"calendar": ("calendar", "calendar_words")},
    "monitor": {"gate": ("gate", "gate_limits")},
}  # fmt: skip
TESTS_OF = {
    f"{room}/{module}": [f"tests/{room}/test_{name}.py" for name in names]
    for room, modules in CORE.items()
    for module, names in modules.items()
}
TESTS = list(dict.fromkeys(test for tests in TESTS_OF.values() for test in tests))
# Long histories, many drawn at random: they find much, and take too long to be run once for each mutant.
TOO_LONG = (
    "any_history or to_and_fro or approved_together or never_go_further or any_lag or postgresql or not_starved "
    "or beyond_one_page or never_fails_to_answer or acts_beside_somebody or however_long_it_waited or leaves_the_bounds"
)
TEST_SECONDS = 60  # a test that takes longer than this has noticed something: without a mutant none takes a tenth
MUTANT_SECONDS = 20.0  # of tests, as long as they take without a mutant, the quickest first


def main() -> int:
    arguments = _arguments()
    if arguments.list_tests:
        print(*TESTS)
        return 0
    modules = [m for m in TESTS_OF if not arguments.only or m.rpartition("/")[2] in arguments.only]
    tests = list(dict.fromkeys(test for module in modules for test in TESTS_OF[module]))
    _copy(modules, arguments.tests or tests)
    deadline = time.monotonic() + 60.0 * arguments.minutes
    _mutmut(["plugin_optimizer.nothing.matches"], deadline)  # makes the mutants, and learns which test reaches which
    sample = [name for module in modules for name in _sampled(module, arguments.per_module, arguments.seed)]
    if sample:
        _mutmut(sample, deadline)
    return _report(modules, sample)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="mutation score of the core")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--tests", nargs="*", default=[])
    parser.add_argument("--per-module", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--list-tests", action="store_true", help="say which tests look after the core, and end")
    return parser.parse_args()


def _copy(modules: list[str], tests: list[str]) -> None:
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "static", "browser", "live")
    for name in ("src", "tests", "api", "core", "examples"):
        shutil.copytree(ROOT / name, BUILD / name, ignore=ignored)
    shutil.copy(ROOT / "app.py", BUILD)
    options = [
        "-p", "quickest_first", "-p", "no:randomly", "-p", "no:cacheprovider", "-x", "-k", f"not ({TOO_LONG})",
        f"--timeout={TEST_SECONDS}",
    ]  # fmt: skip
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/plugin_optimizer/{module}.py" for module in modules],
        "pytest_add_cli_args_test_selection": [test for test in tests if (ROOT / test).exists()],
        "pytest_add_cli_args": options,
        "also_copy": ["api", "core", "app.py", "examples"],
        "timeout_multiplier": 1.0,
        "timeout_constant": 2.0 * TEST_SECONDS,  # for what even the limit of a single test does not end
        "track_dependencies": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    text = (ROOT / "pyproject.toml").read_text()
    (BUILD / "pyproject.toml").write_text(
        "\n".join([text, "[tool.mutmut]", *lines, "use_git_change_detection = false\n"])
    )


def _mutmut(names: list[str], deadline: float) -> None:
    """Run mutmut; what is not tried when time is over stays untried. `CI` makes hypothesis repeat itself exactly."""
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "2", *names]
    memory = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}  # noqa: S108 - each test syncs its state to disk
    tests_of = {"plugin_optimizer." + module.replace("/", "."): tests for module, tests in TESTS_OF.items()}
    ours = {"CI": "1", "PYTHONPATH": str(ROOT / "scripts"), "MUTANT_TESTS": json.dumps(tests_of)}
    ours["MUTANT_SECONDS"] = str(MUTANT_SECONDS)
    environment = {**os.environ, **memory, **ours}
    with (BUILD / "mutmut.log").open("ab") as log:
        running = subprocess.Popen(command, cwd=BUILD, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own tool
        try:
            running.wait(max(deadline - time.monotonic(), 1.0))
        except subprocess.TimeoutExpired:
            running.terminate()
            running.wait()


def _results(module: str) -> dict[str, int | None]:
    meta = BUILD / "mutants" / "src" / "plugin_optimizer" / f"{module}.py.meta"
    found: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"] if meta.exists() else {}
    return found


def _sampled(module: str, size: int, seed: int) -> list[str]:
    """Return the same mutants again as long as the module stays as it is, whatever becomes of the others."""
    names = sorted(_results(module))
    chance = random.Random(f"{module} {seed}")  # noqa: S311 - a sample, no secret
    return names if size <= 0 or size >= len(names) else sorted(chance.sample(names, size))


def _report(modules: list[str], sample: list[str]) -> int:
    print(f"{'module':34} mutants sampled untried tried killed endless survived  score")
    every: Counter[str] = Counter()
    survivors: list[str] = []
    weak = []
    for module in modules:
        codes = _results(module)
        asked = [codes[name] for name in set(sample) & codes.keys()]
        count = Counter(_fate(code) for code in asked)
        count.update(mutants=len(codes), sampled=len(asked))
        every.update(count)
        print(_line(module, count))
        weak += [module] if _tried(count) and _score(count) < LEAST_SCORE else []
        survivors += [_described(module, name) for name in sorted(sample) if codes.get(name, 1) in SURVIVED]
    print(_line("all", every))
    if not _tried(every):
        print(f"nothing was tried; {BUILD / 'mutmut.log'} says why")
        return 1
    print("\nsurvivors", *survivors, sep="\n")
    print(f"\nbelow {LEAST_SCORE:.0%}: {', '.join(weak) or 'none'}")
    return 1 if weak or _score(every) < LEAST_SCORE else 0


def _fate(code: int | None) -> str:
    fates = {"killed": KILLED, "survived": SURVIVED, "endless": ENDLESS}
    return next((fate for fate, codes in fates.items() if code in codes), "untried")


def _tried(count: Counter[str]) -> int:
    return count["killed"] + count["endless"] + count["survived"]


def _score(count: Counter[str]) -> float:
    return 1 - count["survived"] / _tried(count)


def _line(module: str, count: Counter[str]) -> str:
    figures = f"{count['mutants']:7} {count['sampled']:7} {count['untried']:7} {_tried(count):5} {count['killed']:6}"
    score = f"{_score(count):.1%}" if _tried(count) else "-"
    return f"{module:34} {figures} {count['endless']:7} {count['survived']:8} {score:>6}"


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
