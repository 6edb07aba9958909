"""The memory of what is normal: minutes in, episodes out, and the same after a restart."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from plugin_optimizer.domain import Metric, Sample, Unusual, Unusualness
from plugin_optimizer.knowledge.samples import SqliteSampleStore, open_samples
from plugin_optimizer.models.raised_bars import Place
from plugin_optimizer.models.times_apart import TimesApart
from plugin_optimizer.monitor.anomaly_watch import AnomalyWatch
from plugin_optimizer.monitor.attention import Attention
from plugin_optimizer.monitor.minutes import LOAD, WATCHED, Minutes

MINUTE, TURN = 60.0, 20.0
START = 1_699_833_600.0  # a Monday, 00:00 UTC
HOURS = 30
BOTH = Attention({"orders": 1.0, "menu": 1.0})


@pytest.fixture
def samples(tmp_path: Path) -> Iterator[SqliteSampleStore]:
    store = open_samples(tmp_path / "samples.db")
    yield store
    store.close()


def measured(plugin_id: str, at: float, load: float, rng: np.random.Generator) -> list[Sample]:
    values = {
        Metric.CPU_RATIO: 0.3 + 0.01 * rng.normal(),
        Metric.MEMORY_BYTES: 2e8 + 1e6 * rng.normal(),
        Metric.ERROR_RATIO: 0.0,
        Metric.RESPONSE_TIME_P95_SECONDS: 0.1 + 0.005 * rng.normal(),
        Metric.THROUGHPUT_PER_SECOND: load + rng.normal(),
    }
    return [Sample(plugin_id, metric, at, float(value)) for metric, value in values.items()]


def lived(
    watch: AnomalyWatch,
    hours: float,
    begin: float = 0.0,
    jump: float = 1e9,
    changed: bool = False,
    bar: float = 1.0,
    kept: list[Sample] | None = None,
    raised: Mapping[Place, float] | None = None,
    apart: Mapping[str, TimesApart] | None = None,
) -> list[tuple[float, tuple[Unusual, ...]]]:
    """Turn every 20 s from `begin` on; from hour `jump` on `orders` is asked four times as much. `kept` gets the samples."""
    told = []
    for turn in range(round(begin * 180), round((begin + hours) * 180)):
        rng = np.random.default_rng(turn)
        now = START + turn * TURN + 7
        load = 200.0 if turn >= jump * 180 else 50.0
        found = [*measured("orders", now, load, rng), *measured("menu", now, 20.0, rng)]
        if kept is not None:
            kept.extend(found)
        mute = frozenset({"orders"}) if changed else frozenset()
        attention = Attention({"orders": bar, "menu": 1.0}, raised or {}, mute, apart or {})
        told.append((now, watch.look(found, attention, now)))
    return told


@pytest.fixture
def seasoned(samples: SqliteSampleStore) -> AnomalyWatch:
    """Thirty hours old, with an empty store."""
    watch = AnomalyWatch(samples)
    lived(watch, HOURS)
    return watch


def test_what_is_learnt_again_is_the_same_bit_for_bit(samples: SqliteSampleStore) -> None:
    """A second process learns from the store what the first learnt as it happened."""
    seasoned, stored = AnomalyWatch(samples), list[Sample]()
    lived(seasoned, HOURS, kept=stored)
    samples.write(stored)
    second = AnomalyWatch(samples)
    now = START + HOURS * 3600
    second.minutes.over(now)
    first_rows = seasoned.state.rows.max()
    for _ in range(20):
        second.look((), BOTH, now)
    assert second.learnt == {"orders", "menu"}
    seasoned.look((), BOTH, now)
    assert seasoned.state.rows.max() >= first_rows > 1700
    assert second.state.same_as(seasoned.state)


def test_a_jump_is_told_with_its_onset_and_ends(seasoned: AnomalyWatch) -> None:
    """Four times the load: within two minutes an episode of the throughput, begun when it did; over when it is over."""
    told = lived(seasoned, 0.5, HOURS, jump=HOURS + 0.2)
    jumped = START + (HOURS + 0.2) * 3600
    first = next(now for now, found in told if found)
    assert jumped < first <= jumped + 2 * MINUTE + 10
    (unusual,) = told[-1][1]
    assert (unusual.plugin_id, unusual.metric) == ("orders", Metric.THROUGHPUT_PER_SECOND)
    assert unusual.kind is Unusualness.DEVIATION
    assert unusual.rising
    assert abs(unusual.since - jumped) <= MINUTE
    assert unusual.low < 50 < unusual.high < unusual.value


def test_what_was_changed_on_purpose_is_learnt_without_a_word(seasoned: AnomalyWatch) -> None:
    """The same jump just after a change of its settings."""
    told = lived(seasoned, 0.5, HOURS, jump=HOURS + 0.2, changed=True)
    assert not any(found for _, found in told)


def test_a_plugin_whose_bar_was_raised_is_told_of_less(seasoned: AnomalyWatch) -> None:
    """ "That was no problem": the same jump at a bar of a hundred is none."""
    told = lived(seasoned, 0.5, HOURS, jump=HOURS + 0.2, bar=100.0)
    assert not any(found for _, found in told)


def test_what_was_no_problem_goes_at_once_and_only_that_kind(seasoned: AnomalyWatch) -> None:
    """The jump is told; at ten times the bar of that kind it is not any more, at that of another kind it still is."""
    jumped = HOURS + 0.2
    (found,) = lived(seasoned, 0.5, HOURS, jump=jumped)[-1][1]
    other = {(found.plugin_id, found.metric, Unusualness.VARIANCE): 10.0}
    assert lived(seasoned, 0.02, HOURS + 0.5, jump=jumped, raised=other)[-1][1] == (found,)
    told = lived(seasoned, 0.1, HOURS + 0.52, jump=jumped, raised={(found.plugin_id, found.metric, found.kind): 10.0})
    assert not any(now for _, now in told)


def test_nothing_is_learnt_or_told_in_maintenance_and_the_same_again(samples: SqliteSampleStore) -> None:
    """Four times the load from hour 20 to 22, in maintenance: no word, no trace in the memory, learnt again the same."""
    apart = {"orders": TimesApart(("Mon 20:00-22:00 UTC",))}
    watch, stored = AnomalyWatch(samples, offset_seconds=0.0), list[Sample]()
    told = lived(watch, 20, kept=stored, apart=apart)
    told += lived(watch, 2, 20, jump=20, kept=stored, apart=apart)
    told += lived(watch, 3, 22, kept=stored, apart=apart)
    assert not any(found for _, found in told)
    load = watch.place["orders"] * len(WATCHED) + LOAD
    assert watch.state.high[0, load] < 60
    assert watch.state.rows[load] == pytest.approx(23 * 60, abs=3)
    samples.write(stored)
    second, now = AnomalyWatch(samples, offset_seconds=0.0), START + 25 * 3600
    second.minutes.over(now)
    attention = Attention({"orders": 1.0, "menu": 1.0}, apart=apart)
    for _ in range(20):
        second.look((), attention, now)
    watch.look((), attention, now)
    assert second.state.same_as(watch.state)


def test_healthy_plugins_are_left_in_peace(seasoned: AnomalyWatch) -> None:
    """Nothing was ever unusual in thirty hours of noise."""
    assert not seasoned.standing


def test_nothing_is_said_of_a_plugin_before_it_is_learnt(samples: SqliteSampleStore) -> None:
    """A plugin that appears with a wild first hour is looked at, and not talked about."""
    watch = AnomalyWatch(samples)
    for turn in range(180):
        now = START + turn * TURN + 7
        found = measured("new", now, float(1 + turn % 50) ** 2, np.random.default_rng(turn))
        assert not watch.look(found, Attention({"new": 1.0}), now)


def test_a_minute_is_the_mean_of_its_samples_and_late_ones_do_not_count() -> None:
    """Worked by hand: 1 and 3 are 2; the minute is handed out once, five seconds after it is over."""
    minutes = Minutes(done=START)
    for at, value in ((1.0, 1.0), (59.0, 3.0), (60.5, 9.0)):
        minutes.add([Sample("a", Metric.CPU_RATIO, START + at, value)])
    assert minutes.over(START + 64) == []
    assert minutes.over(START + 65) == [(START, {("a", 0): 2.0})]
    minutes.add([Sample("a", Metric.CPU_RATIO, START + 30, 100.0)])
    assert minutes.over(START + 126) == [(START + 60, {("a", 0): 9.0})]


def test_error_shares_are_those_of_each_window(seasoned: AnomalyWatch) -> None:
    """No errors: unknown, since nothing failed; a plugin nobody learnt yet is not there."""
    shares = seasoned.error_shares()
    assert set(shares) == {"orders", "menu"}
    assert all(np.isnan(share) for share in shares["orders"])
