"""What is not as it used to be becomes a finding, as loud as it hurts."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.analyze import (
    BreachDetector,
    BurnDetector,
    DeviationDetector,
    LeakDetector,
    LevelDetector,
    ShiftDetector,
    VarianceDetector,
)
from plugin_optimizer.contracts import Detector
from plugin_optimizer.domain import (
    Fleet,
    MemoryTrend,
    Metric,
    Plugin,
    PluginView,
    Policies,
    Policy,
    Severity,
    Unusual,
    Unusualness,
    Window,
)
from plugin_optimizer.models.error_burn import Burn, burning
from plugin_optimizer.monitor.past_memory import memory_trend
from plugin_optimizer.testing.detector_contract import DetectorContract

NOW, STEP = 1_700_000_000.0, 5.0
Case = tuple[Window, Fleet, Policies]


def window(p95: float = 0.1, limit_bytes: float = 1e9) -> Window:
    times = NOW - STEP * np.arange(60)[::-1]
    level = np.ones((2, 60), np.float32)
    metrics = {
        Metric.RESPONSE_TIME_P95_SECONDS: level * p95,
        Metric.ERROR_RATIO: level * 0,
        Metric.MEMORY_BYTES: level * 2e8,
        Metric.MEMORY_RATIO: level * (2e8 / limit_bytes),
    }
    return Window(("a", "b"), times, STEP, {m: v.astype(np.float32) for m, v in metrics.items()})


def unusual(kind: Unusualness, plugin_id: str = "a", score: float = 2.0) -> Unusual:
    return Unusual(plugin_id, Metric.THROUGHPUT_PER_SECOND, kind, score, NOW - 300, 200.0, 50.0, 40.0, 60.0, True)


def fleet(**fields: object) -> Fleet:
    views = {name: PluginView(Plugin(name, "gunicorn", ""), Policy()) for name in ("a", "b")}
    return replace(Fleet(NOW, 2, views), **fields)  # type: ignore[arg-type]


def trend(rise: float = 4e7, slope: float = 1e4, error: float = 1e3, rises: bool = True) -> MemoryTrend:
    return MemoryTrend(NOW - 80_000, NOW - 30, rise, 1e7, rises, 3e8, slope, error, (3e8,) * 240)


def with_trend(found: MemoryTrend) -> Fleet:
    whole = fleet()
    return replace(whole, views={**whole.views, "a": replace(whole.views["a"], memory_trend=found)})


class UnusualContract(DetectorContract):
    kind: Unusualness

    def case(self) -> Case:
        return window(), fleet(unusual=(unusual(self.kind), unusual(self.kind, "b", 1.2))), Policies()

    def test_another_kind_is_not_its_business(self) -> None:
        """Each detector speaks of its own kind alone."""
        others = tuple(unusual(kind) for kind in Unusualness if kind is not self.kind)
        assert not self._found(window(), fleet(unusual=others), Policies())

    def test_what_hurts_nobody_is_no_alert(self) -> None:
        """INFO within the promise, WARNING beyond it."""
        case = self.case()
        assert {f.severity for f in self._found(*case)} == {Severity.INFO}
        assert {f.severity for f in self._found(window(p95=2.0), case[1], case[2])} == {Severity.WARNING}

    def test_what_has_not_begun_yet_is_not_told(self) -> None:
        """An onset later than now belongs to the future."""
        later = replace(unusual(self.kind), since=NOW + 1)
        assert not self._found(window(), fleet(unusual=(later,)), Policies())


class TestLevel(UnusualContract):
    kind = Unusualness.LEVEL

    def detector(self) -> Detector:
        return LevelDetector()


class TestDeviation(UnusualContract):
    kind = Unusualness.DEVIATION

    def detector(self) -> Detector:
        return DeviationDetector()


class TestShift(UnusualContract):
    kind = Unusualness.SHIFT

    def detector(self) -> Detector:
        return ShiftDetector()


class TestVariance(UnusualContract):
    kind = Unusualness.VARIANCE

    def detector(self) -> Detector:
        return VarianceDetector()


class TestBurn(DetectorContract):
    def detector(self) -> Detector:
        return BurnDetector()

    def case(self) -> Case:
        shares = {"a": (0.02, 0.02, 0.02, 0.003, 0.002), "b": (float("nan"),) * 5}
        return window(), fleet(error_shares=shares), Policies(Policy(error_ratio=0.001))


@pytest.mark.parametrize(
    ("shares", "allowed", "rate"),
    [
        ((0.02, 0.02, 0.02, 0.003, 0.002), 0.001, 20.0),
        ((0.0, 0.009, 0.02, 0.007, 0.002), 0.001, 7.0),
        ((0.7, 0.7, 0.6, 0.1, 0.01), 0.05, 12.0),
        ((0.1, 0.1, 0.1, 0.1, 0.02), 0.05, None),
        ((float("nan"),) * 5, 0.05, None),
    ],
)
def test_the_table_of_burn_rates(shares: tuple[float, ...], allowed: float, rate: float | None) -> None:
    """As the docstring has it."""
    found = burning(shares, allowed)
    assert (None if found is None else found[0]) == (None if rate is None else pytest.approx(rate))


def test_a_window_of_errors_holds_what_it_says() -> None:
    """Ten hours of 1 % errors, then one without: the last five minutes are clean, the last six hours are not."""
    burn = Burn.new(1)
    for minute in range(660):
        burn.add(np.array([0.01 if minute < 600 else 0.0]), np.array([1000.0]))
    shares = burn.shares()[:, 0]
    assert np.isnan(shares[0])
    assert shares[3] == pytest.approx(0.01 * np.exp(-1 / 6), rel=0.25)


class TestBreach(DetectorContract):
    def detector(self) -> Detector:
        return BreachDetector()

    def case(self) -> Case:
        return window(), with_trend(trend()), Policies()

    def test_the_date_has_an_interval(self) -> None:
        """700 MB at 10 KB/s ± 1 KB/s: 19 h 26 min, 80 % between 17 h 14 min and 22 h 18 min."""
        (finding,) = self._found(*self.case())
        told = finding.evidence[0].params
        assert told["time_seconds"] == pytest.approx(7e8 / 1e4, rel=1e-3)
        assert told["low_seconds"] == pytest.approx(7e8 / 11_281.6, rel=1e-3)
        assert told["high_seconds"] == pytest.approx(7e8 / 8_718.4, rel=1e-3)

    def test_no_date_is_named_where_none_is_sure(self) -> None:
        """A slope of two errors is none; a year ahead is nobody's business."""
        assert not self._found(window(), with_trend(trend(error=5e3)), Policies())
        assert not self._found(window(), with_trend(trend(slope=10.0, error=1.0)), Policies())

    def test_the_date_counts_from_now(self) -> None:
        """What was looked up an hour ago has an hour less to go."""
        old = replace(trend(), until=NOW - 3600)
        (finding,) = self._found(window(), with_trend(old), Policies())
        assert finding.evidence[0].params["time_seconds"] == pytest.approx(7e8 / 1e4 - 3600)

    def test_many_at_once_are_told_as_each_alone(self) -> None:
        """Two plugins of the same limit, one with a shorter memory: the chances are those of each by itself."""
        rising = 3e8 + 1e5 * np.arange(240.0) + 2e5 * np.random.default_rng(5).normal(size=240)
        found = [
            memory_trend(rising[-rows:], np.full(rows, 2.0), np.zeros(rows), NOW - rows * 60) for rows in (240, 90)
        ]
        whole = fleet()
        both = replace(
            whole,
            views={
                name: replace(whole.views[name], memory_trend=one) for name, one in zip(("a", "b"), found, strict=True)
            },
        )
        near = window(limit_bytes=3.27e8)
        together = {f.plugin_id: f for f in self._found(near, both, Policies())}
        for name in ("a", "b"):
            alone = replace(both, views={n: v if n == name else whole.views[n] for n, v in both.views.items()})
            (finding,) = self._found(near, alone, Policies())
            assert together[name].score == pytest.approx(finding.score, rel=1e-9)

    @pytest.mark.parametrize(
        ("left", "shape", "severity", "chance"),
        [
            (3e6, "line", Severity.WARNING, (0.97, 1.0)),  # due in 30 minutes
            (12e6, "line", Severity.INFO, (0.0, 0.1)),  # in two hours
            (
                3e6,
                "levels off",
                Severity.INFO,
                (0.0, 0.1),
            ),  # due in 51 minutes by its line, which does not know that it ends
        ],
    )
    def test_a_warning_asks_for_more_than_a_line(
        self, left: float, shape: str, severity: Severity, chance: tuple[float, float]
    ) -> None:
        """Four hours of minutes, 100 KB a minute at first: what levels off below the limit is no warning."""
        minutes = np.arange(240.0)
        course = 1e5 * minutes if shape == "line" else 1e7 * (1 - np.exp(-minutes / 100))
        memory = 2e8 + course + 2e5 * np.random.default_rng(4).normal(size=240)
        found = memory_trend(memory, np.full(240, 2.0), np.zeros(240), NOW - 240 * 60)
        assert found is not None
        limit = float(2e8 + course[-1] + left)
        (finding,) = self._found(window(limit_bytes=limit), with_trend(found), Policies())
        assert finding.severity is severity
        said = [m.params["chance_ratio"] for m in finding.evidence if m.code == "memory_limit_chance"]
        assert chance[0] <= float(str(said[0] if said else 0.0)) <= chance[1]


def test_a_slow_leak_shows_over_the_hours() -> None:
    """Forty MB over a day, more than its waves make: a finding without alarm; a rise that is not sure is none."""
    found = list(LeakDetector().detect(window(), with_trend(trend()), Policies()))
    assert [(f.plugin_id, f.severity) for f in found] == [("a", Severity.INFO)]
    assert not list(LeakDetector().detect(window(), with_trend(trend(rises=False)), Policies()))
    assert not list(LeakDetector().detect(window(), with_trend(trend(rise=1e6)), Policies()))


def test_memory_is_followed_since_the_last_restart() -> None:
    """Twenty hours of growth of 100 MB, a restart two hours ago: only those two hours count; without it the rise is found."""
    rng = np.random.default_rng(1)
    minutes = np.arange(1200.0)
    memory = 2e8 + 1e8 * minutes / 1200 + 1e6 * rng.normal(size=1200)
    workers, restarts = np.full(1200, 2.0), np.zeros(1200)
    grown = memory_trend(memory, workers, restarts, NOW - 72_000)
    assert grown is not None
    assert grown.rises
    assert grown.rise_bytes == pytest.approx(1e8, rel=0.1)
    assert grown.slope == pytest.approx(1e8 / 72_000, rel=0.3)
    restarts[1080] = 1.0
    fresh = memory_trend(memory, workers, restarts, NOW - 72_000)
    assert fresh is not None
    assert not fresh.rises
    assert fresh.since == pytest.approx(NOW - 72_000 + 1081 * 60)
