"""The table: one measure a line, one judge a column, with 95 % intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from plugin_optimizer.models.proportions import Z95, wilson

from .cases import HARMFUL, NOTHING, Case, Family, Truth
from .opinion import Claim, Opinion

ENGINE = "engine"
PROMPT_SECONDS = 30.0  # for what is dead
USUAL_RATE = 10.0

Chosen = Callable[["Record"], bool]
Held = Callable[[Opinion], bool]


@dataclass(frozen=True, slots=True)
class Record:
    """What every judge came to about one case."""

    family: Family
    truth: Truth
    way: str
    rate: float
    seed: int
    opinions: Mapping[str, Opinion]

    @classmethod
    def of(cls, case: Case, opinions: Mapping[str, Opinion]) -> "Record":
        return cls(case.family, case.truth, case.way.value, case.rate, case.world.seed, opinions)


@dataclass(frozen=True, slots=True)
class Measure:
    """Of the cases chosen, the share for which something held; `target` in words, empty for none."""

    name: str
    chosen: Chosen
    held: Held
    target: str = ""


def changed(opinion: Opinion) -> bool:
    return opinion.claim in {Claim.BETTER, Claim.WORSE}


def undone(opinion: Opinion) -> bool:
    return not opinion.kept


def kept(opinion: Opinion) -> bool:
    return opinion.kept


def called_worse(opinion: Opinion) -> bool:
    return opinion.claim is Claim.WORSE


def inconclusive(opinion: Opinion) -> bool:
    return opinion.claim is Claim.OPEN


def undone_promptly(opinion: Opinion) -> bool:
    return not opinion.kept and opinion.seconds <= PROMPT_SECONDS


def of(*families: Family) -> Chosen:
    return lambda record: record.family in families


MEASURES = (
    Measure("**nothing changed: false verdicts**", of(*NOTHING), changed, "≤ 1 %"),
    *(Measure(f"… {family.value.removeprefix('A/A, ')}", of(family), changed) for family in NOTHING),
    Measure("… called worse", of(*NOTHING), called_worse),
    Measure("**+20 % p95: undone**", of(Family.P95_20), undone, "≥ 95 %"),
    Measure("… called worse", of(Family.P95_20), called_worse),
    Measure("**+50 % p95: undone**", of(Family.P95_50), undone, "≥ 99.5 %"),
    Measure("… called worse", of(Family.P95_50), called_worse),
    Measure("**+1 point errors: undone**", of(Family.ERRORS_1), undone, "≥ 95 %"),
    Measure("… called worse", of(Family.ERRORS_1), called_worse),
    Measure("**+5 points errors: undone**", of(Family.ERRORS_5), undone, "≥ 99.5 %"),
    Measure("**harmful changes left in place**", of(*HARMFUL), kept, "0"),
    Measure("… masked by falling load", of(Family.MASKED), kept, "0"),
    Measure("**improvements kept**", of(Family.BETTER), kept),
    Measure("inconclusive, of all", lambda record: record.truth is not Truth.DEAD, inconclusive),
    Measure("… of harmful and helpful ones", lambda r: r.truth in {Truth.HARM, Truth.HELP}, inconclusive),
    Measure("**dead target: undone within 30 s**", of(Family.DEAD), undone_promptly, "all"),
)
TIMES: tuple[tuple[str, Chosen, str], ...] = (
    ("**median time to a verdict at 10 a second**", lambda r: r.truth is not Truth.DEAD, "≤ 5 min"),
    ("… nothing changed", lambda r: r.truth is Truth.HARMLESS, ""),
    ("… harmful", lambda r: r.truth is Truth.HARM, ""),
    ("… helpful", lambda r: r.truth is Truth.HELP, ""),
)


def table(records: Sequence[Record]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    judges = list(records[0].opinions)
    yield f"| | target | {' | '.join(judges)} |"
    yield "|---|---|" + "---|" * len(judges)
    for measure in MEASURES:
        chosen = [record for record in records if measure.chosen(record)]
        cells = (share(sum(measure.held(r.opinions[judge]) for r in chosen), len(chosen)) for judge in judges)
        yield f"| {measure.name} ({len(chosen)}) | {measure.target} | {' | '.join(cells)} |"
    for name, of_those, target in TIMES:
        chosen = [record for record in records if of_those(record) and record.rate == USUAL_RATE]
        cells = (_minutes([r.opinions[judge].seconds for r in chosen]) for judge in judges)
        yield f"| {name} ({len(chosen)}) | {target} | {' | '.join(cells)} |"
    dead = [record for record in records if record.truth is Truth.DEAD]
    cells = (_seconds([r.opinions[judge].seconds for r in dead if not r.opinions[judge].kept]) for judge in judges)
    yield f"| … dead target, median and longest ({len(dead)}) | ≤ 30 s | {' | '.join(cells)} |"


def share(held: int, count: int) -> str:
    """Return a share with its 95 % interval."""
    if not count:
        return "–"
    low, high = wilson(held, count, Z95)
    return f"{100 * held / count:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def mistakes(records: Sequence[Record], judge: str = ENGINE) -> Iterator[str]:
    """Yield a line for each case that a judge got wrong, so that it can be looked at by its seed."""
    for record in records:
        opinion = record.opinions[judge]
        false = record.truth is Truth.HARMLESS and changed(opinion)
        left = record.truth in {Truth.HARM, Truth.DEAD} and opinion.kept
        lost = record.truth is Truth.HELP and not opinion.kept
        if false or left or lost:
            about = f"{record.family.value}, {record.way}, {record.rate:.3g} a second, seed {record.seed}"
            yield f"{about}: {opinion.claim}, {'kept' if opinion.kept else 'undone'} after {opinion.seconds:.0f} s ({opinion.told})"


def _minutes(seconds: Sequence[float]) -> str:
    return f"{median(seconds) / 60:.1f} min" if seconds else "–"


def _seconds(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.0f} s, {max(seconds):.0f} s" if seconds else "–"
