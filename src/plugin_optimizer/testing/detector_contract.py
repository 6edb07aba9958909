"""What every detector promises. Inherit, name yours, and give it a window in which it finds something."""

from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np

from ..contracts import Detector
from ..domain import Finding, Fleet, Metric, Policies, Window


class DetectorContract(ABC):
    """Contract tests for pytest: `class TestMine(DetectorContract)` with the two methods below."""

    @abstractmethod
    def detector(self) -> Detector:
        """Return the detector with its default settings."""

    @abstractmethod
    def case(self) -> tuple[Window, Fleet, Policies]:
        """Return a window, fleet and policies in which the detector finds at least one thing."""

    def _found(self, window: Window, fleet: Fleet, policies: Policies) -> list[Finding]:
        return list(self.detector().detect(window, fleet, policies))

    def test_it_finds_what_it_is_for(self) -> None:
        """The case at hand yields a finding about one of its plugins, with a sane score and a past."""
        window, fleet, policies = self.case()
        findings = self._found(window, fleet, policies)
        assert findings
        for finding in findings:
            assert finding.plugin_id in window.plugin_ids
            assert 0.0 <= finding.score <= 1.0
            assert finding.since <= fleet.now
            assert np.isfinite([finding.value, finding.limit]).all()

    def test_the_same_input_gives_the_same_findings(self) -> None:
        """No clock, no chance, no memory of earlier calls."""
        case = self.case()
        before = {metric: values.copy() for metric, values in case[0].metrics.items()}
        assert self._found(*case) == self._found(*case)
        for metric, values in case[0].metrics.items():
            assert np.array_equal(values, before[metric], equal_nan=True)

    def test_the_future_does_not_reach_back(self) -> None:
        """Columns later than `now` change nothing, whatever they hold."""
        window, fleet, policies = self.case()
        assert self._found(with_future(window), fleet, policies) == self._found(window, fleet, policies)

    def test_missing_data_is_no_finding(self) -> None:
        """A window of NaN, and a fleet without traces and memory, yield nothing."""
        window, fleet, policies = self.case()
        views = {
            name: replace(view, trace=view.trace.where(view.trace.arrival < 0), caches=(), errors=(), memory_trend=None)
            for name, view in fleet.views.items()
        }
        unknown = replace(fleet, views=views, unusual=(), error_shares={})
        assert not self._found(blank(window), unknown, policies)

    def test_an_empty_fleet_is_no_error(self) -> None:
        """No plugins, no samples, no findings."""
        window = Window((), np.empty(0), 5.0, {})
        assert not self._found(window, Fleet(now=0.0, cores=1), Policies())

    def test_the_order_of_plugins_does_not_matter(self) -> None:
        """The same plugins in another order yield the same findings."""
        window, fleet, policies = self.case()
        metrics = {metric: values[::-1].copy() for metric, values in window.metrics.items()}
        turned = Window(window.plugin_ids[::-1], window.times, window.step_seconds, metrics)
        assert sorted(map(repr, self._found(turned, fleet, policies))) == sorted(
            map(repr, self._found(window, fleet, policies))
        )


def blank(window: Window) -> Window:
    """Return the window with nothing known."""
    metrics = {metric: np.full_like(values, np.nan) for metric, values in window.metrics.items()}
    return Window(window.plugin_ids, window.times, window.step_seconds, metrics)


def with_future(window: Window, columns: int = 40) -> Window:
    """Return the window with nonsense appended that lies after its end."""
    later = window.times[-1] + window.step_seconds * np.arange(1, columns + 1)
    nonsense = np.tile(np.array([0.0, 1e12], dtype=np.float32), columns)[:columns]
    metrics = {
        metric: np.concatenate([values, np.broadcast_to(nonsense, (len(values), columns))], axis=1).astype(np.float32)
        for metric, values in ({m: window.series(m) for m in Metric}).items()
    }
    return Window(window.plugin_ids, np.concatenate([window.times, later]), window.step_seconds, metrics)
