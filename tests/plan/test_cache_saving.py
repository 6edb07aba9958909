"""A cache gives room back once its record is long enough to rule out what that would cost."""

from dataclasses import replace

import numpy as np
import pytest
from backoffice import START, lru_hits, menu, office, recommendations, think

from plugin_optimizer.domain import CacheTrace, Proposal, Silence
from plugin_optimizer.plan import CachePlanner

SIZE = 4000


def filled(rng: np.random.Generator, seconds: float) -> CacheTrace:
    """Two of three accesses ask for one of 60 items, the third for something that nobody asks for again."""
    count = int(20 * seconds)
    keys = rng.integers(60, size=count)
    once = rng.random(count) < 1 / 3
    keys[once] = 1000 + np.arange(int(once.sum()))
    hits = int(lru_hits(keys, SIZE).sum())
    return CacheTrace("profiles", 100, keys, SIZE, min(SIZE, len(np.unique(keys))), hits, count - hits, 0.04, 9000.0)


def outcome(seconds: float) -> Proposal | Silence:
    """Plan for it after so many seconds."""
    rng = np.random.default_rng(0)
    service = recommendations(rng, seconds, size=SIZE)
    service = replace(service, caches=(filled(rng, seconds),))
    window, fleet = office([service, menu(np.random.default_rng(1), seconds)], START + seconds)
    findings = think(window, fleet).findings
    return next(o for o in CachePlanner().plan(window, findings, fleet) if o.plugin_id == service.plugin_id)


@pytest.mark.parametrize("seconds", [120.0, 240.0])
def test_on_a_short_record_nothing_is_taken_away(seconds: float) -> None:
    """The smaller size is known by then; what it costs is not."""
    found = outcome(seconds)
    assert isinstance(found, Silence)
    assert found.reason.code == "saving_unsure"


def test_a_long_record_lets_it_give_back_what_nobody_asks_for() -> None:
    """At the worse end of the interval, too, one and a half points are not lost."""
    found = outcome(900.0)
    assert isinstance(found, Proposal)
    assert found.change is not None
    assert found.prediction is not None
    assert 60 <= int(found.change.after) <= 300
    assert found.prediction.low >= found.prediction.before - 0.015
