"""The owner of an execution is stopped (SIGSTOP) somewhere, another engine goes on, the owner wakes (SIGCONT) too late."""

import random
from collections.abc import Iterator, Sequence

from plugin_optimizer.execute.crashpoints import POINTS
from tests.crash.case import COURSE_OF_POINT, Case
from tests.crash.drive import Outcome, in_own_directory

from .promise import Measured
from .seed import seed

LIMITS_SECONDS = (300.0, 1_800.0)
AT_ONCE = 24  # they mostly wait
TRIALS = {False: 30, True: 500}
MOMENT_SECONDS = (0.1, 1.2)  # of an execution that takes two seconds where nothing else runs
BEFORE_EFFECT = ("C09L", "C20L", "effect")  # after the last look: where only the fence helps

UNFENCED = [Case("effect", "stop", "ledger", course, unfenced=True) for course in ("keep", "undo")]


def measure(deep: bool) -> list[Measured]:
    """Count the effects that were made with a fence no higher than an earlier one, or after the end."""
    everything = in_own_directory([*UNFENCED, *trials(random.Random(seed()), TRIALS[deep])], AT_ONCE)
    outcomes = [outcome for outcome in everything if not outcome.case.unfenced]
    held = [outcome for outcome in outcomes if outcome.held]
    unfenced = [outcome for outcome in everything if outcome.case.unfenced]
    return [_stale(outcomes, held), _others(outcomes, held), _noticed(unfenced)]


def trials(chance: random.Random, count: int) -> Iterator[Case]:
    """Yield at least `count` pauses that come to pass: a third before an effect, a third at points, a third at any moment."""
    points = sorted(set(POINTS) - {"C12", "C13", "C17", "C21R"})  # those wait long, or nothing comes after them
    for number in range(count + count // 5):
        course = chance.choice(("keep", "undo", "undo_kept"))
        if number % 3 == 0:
            point = chance.choice(BEFORE_EFFECT)
            yield Case(point, "stop", "ledger", "keep" if point == "C09L" else "undo", hit=chance.choice((1, 2)))
        elif number % 3 == 1:
            point = chance.choice(points)
            yield Case(point, "stop", "ledger", COURSE_OF_POINT.get(point, course))
        else:
            moment = round(chance.uniform(*MOMENT_SECONDS), 3)
            yield Case("", "pause", "ledger", course, kill_after_seconds=moment)


def _stale(outcomes: Sequence[Outcome], held: Sequence[Outcome]) -> Measured:
    stale = sum(any(what.startswith("(stale)") for what in outcome.broken) for outcome in outcomes)
    what = f"{len(held)} owners stopped, {sum(o.lives - 1 for o in held)} others went on, {sum(o.orders for o in held)} effects"
    least = len(outcomes) * 5 // 6
    return Measured(
        "P19 a late actor cannot act", what, f"{stale} stale of {len(held)}", f"0 of {least}",
        stale == 0 and len(held) >= least,
    )  # fmt: skip


def _noticed(unfenced: Sequence[Outcome]) -> Measured:
    """A measurement that cannot fail shows nothing: without the fence the same pause has to do harm."""
    noticed = sum(any(what.startswith("(stale)") for what in outcome.broken) for outcome in unfenced)
    figure = f"{noticed} of {len(unfenced)} caught"
    return Measured(
        "P19 engines without a common fence are caught", "owners stopped", figure, "all", noticed == len(UNFENCED)
    )


def _others(outcomes: Sequence[Outcome], held: Sequence[Outcome]) -> Measured:
    broken = sum(bool(outcome.broken) for outcome in outcomes)
    text = "P19 every other promise holds beside a paused owner"
    return Measured(text, f"{len(held)} owners stopped", f"{broken} broken", "0", broken == 0)
