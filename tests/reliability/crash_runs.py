"""Real engines that really die: every crash point, every kind of fault, then the reckoning from the target's ledger."""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from plugin_optimizer.execute.crashpoints import POINTS
from tests.crash.case import COURSE_OF_POINT, COURSES, MODES, Case, case_at
from tests.crash.drive import Outcome, in_own_directory

from .promise import Measured
from .seed import seed

LIMITS_SECONDS = (900.0, 2_400.0)
DEEP_RUNS = 1_000
AT_ONCE = 24
MOST_SECONDS = 2.0  # from the start, in which a kill from outside hits an engine at work
EVERYWHERE = (*POINTS, "effect")
GUNICORN_POINTS = ("C09", "C09L", "C10", "C11", "C16P", "C19P", "C20A", "C20L", "C20", "C21")
CELLS = [
    *((point, mode, target) for target in ("ledger", "probe") for point in EVERYWHERE for mode in MODES),
    *((point, "kill", target) for target in ("signals", "socket") for point in GUNICORN_POINTS),
    *((point, "stop", target) for target in ("signals", "socket") for point in ("C09L", "C10", "C20L", "C20")),
]  # at a real gunicorn only what is about it


def measure(deep: bool) -> list[Measured]:
    """Pass every point of every target with every fault; deep also with more hits, strikes and kills from outside."""
    cases = list(every_point())
    chance = random.Random(seed())
    cases += [another(chance) for _ in range(DEEP_RUNS - len(cases) if deep else 40)]
    chance.shuffle(cases)  # those that wait long are spread
    outcomes = in_own_directory(cases, AT_ONCE)
    sys.stdout.write(coverage(outcomes) + "\n")
    return rows(outcomes)


def every_point() -> Iterator[Case]:
    yield from (case_at(*cell) for cell in CELLS)
    yield from (Case("C10", mode, target, "stop") for mode in MODES for target in ("ledger", "probe"))


def another(chance: random.Random) -> Case:
    """Draw a case: any course, a later passing, several strikes, or a kill at any moment."""
    target = chance.choice(("ledger", "ledger", "ledger", "probe"))
    if chance.random() < 0.4:
        course = chance.choice(sorted(COURSES))
        moment = round(chance.uniform(0.05, MOST_SECONDS), 3)
        return Case("", "random", target, course, kill_after_seconds=moment)
    point, mode = chance.choice(EVERYWHERE), chance.choice(MODES)
    untaken = point in ("C09", "C09L", "effect", "C20A", "C20L")  # the third step that is not taken is rightly the last
    strikes = chance.choice((1, 2) if untaken or mode in ("raise", "stop") else (1, 2, 3))
    return Case(point, mode, target, COURSE_OF_POINT.get(point, "undo"), strikes=strikes)


def rows(outcomes: Sequence[Outcome]) -> list[Measured]:
    """Return what came out. Everything is counted from what the runs left, nothing taken from what was planned."""
    runs = f"{len(outcomes)} real runs, {sum(o.orders for o in outcomes)} effects"
    died = sum(len(o.signals) for o in outcomes)
    doubled = _broken(outcomes, "(a)")
    return [
        Measured(
            "P1 one effect, one execution", f"{runs}, {died} engines killed", f"{doubled} doubled", "0", not doubled
        ),
        *(_promise(outcomes, letter, text) for letter, text in PROMISES.items()),
        _undone(outcomes),
        _covered(outcomes),
        _killed(outcomes),
    ]


PROMISES = {
    "(b)": "P1 nothing acknowledged is lost, every execution ends where it should",
    "(c)": "P3 every effect is on record before it is made",
    "(d)": "P14 what was rolled back stands and lasts as it was",
    "(e)": "P17 no forward effect later than 1 s after the emergency stop",
    "(f)": "P10 no step off the way",
    "(g)": "P15 a value somebody else set is not overwritten",
    "(h)": "P32 one audit row for each change of state",
    "(stale)": "P19 no effect with an older fence, none after the end",
}


def _broken(outcomes: Sequence[Outcome], letter: str) -> int:
    return sum(any(what.startswith(letter) for what in outcome.broken) for outcome in outcomes)


def _promise(outcomes: Sequence[Outcome], letter: str, text: str) -> Measured:
    broken = _broken(outcomes, letter)
    return Measured(text, f"{len(outcomes)} real runs", f"{broken} broken", "0", broken == 0)


def _undone(outcomes: Sequence[Outcome]) -> Measured:
    undone = [o for o in outcomes if o.end == "rolled_back"]
    equal = sum(not any(what.startswith("(d)") for what in o.broken) for o in undone)
    figure = f"{equal} of {len(undone)}"
    held = equal == len(undone) > 0
    return Measured("P14 after a roll-back the old value is read back", "all rolled back", figure, "all", held)


def _covered(outcomes: Sequence[Outcome]) -> Measured:
    hit = _hits(outcomes)
    missing = [cell for cell in CELLS if not hit[cell]]
    figure = f"{len(CELLS) - len(missing)} of {len(CELLS)}"
    if missing:
        figure += f", not {' '.join(':'.join(cell) for cell in missing[:4])}"
    return Measured("every crash point is hit in every mode", "point × mode × target", figure, "all", not missing)


def _killed(outcomes: Sequence[Outcome]) -> Measured:
    """Whoever was to die by a signal has to have died by it."""
    meant = [o for o in outcomes if o.case.mode in ("kill", "random") and o.struck]
    died = sum(9 in outcome.signals for outcome in meant)
    held = died == len(meant) > 0
    return Measured("killed engines died by SIGKILL", "wait status", f"{died} of {len(meant)}", "all", held)


def _hits(outcomes: Sequence[Outcome]) -> Counter[tuple[str, str, str]]:
    return Counter((point, o.case.mode, o.case.target) for o in outcomes for point in set(o.struck))


def coverage(outcomes: Sequence[Outcome]) -> str:
    """Return how many runs met each fault at each point, a table for each target."""
    hit, lines = _hits(outcomes), list[str]()
    for target in dict.fromkeys(target for _, _, target in CELLS):
        points = dict.fromkeys(point for point, _, of in CELLS if of == target)
        lines.append(f"{target:10}" + "".join(f"{mode:>7}" for mode in MODES))
        lines += [f"{point:10}" + "".join(f"{hit[point, mode, target]:7}" for mode in MODES) for point in points]
    return "\n".join(lines)
