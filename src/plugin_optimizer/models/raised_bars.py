"""How much more unusual something has to be where people said that it was no problem."""

from collections.abc import Iterable, Mapping
from math import exp, log

from ..domain import Feedback, Metric, Unusualness

Place = tuple[str, Metric, Unusualness]

HALF_LIFE_SECONDS = 90 * 86_400.0  # what was harmless in spring need not be so in autumn
MOST_BAR = 10.0  # of all words together: what is ten times as unusual is told whatever was said
NOTHING = 1.01  # below it a bar counts as not raised


def raised_bars(feedback: Iterable[Feedback], now: float) -> Mapping[Place, float]:
    """Return by what factor the bar of each place is raised at `now`; places where it is not are left out.

    bar = min(10, exp(Σ ln rᵢ · 2^(−ageᵢ/90 days))), rᵢ = 1.25 · score, at least 1.5 and at most 4, over the words that
    were not taken back. The logarithm fades, so that the bar returns to 1.

    | said                                  | bar |
    |---------------------------------------|-----|
    | now, of a score of 2                  | 2.5 |
    | 90 days ago, of a score of 2          | 1.6 |
    | now, twice, of a score of 4           | 10  |
    | now, and taken back                   | 1   |
    """
    logs: dict[Place, float] = {}
    for word in feedback:
        if word.undone_at is None and word.at <= now:
            faded = log(word.raises) * 0.5 ** ((now - word.at) / HALF_LIFE_SECONDS)
            logs[word.place] = logs.get(word.place, 0.0) + faded
    bars = {place: min(MOST_BAR, exp(total)) for place, total in logs.items()}
    return {place: bar for place, bar in bars.items() if bar > NOTHING}
