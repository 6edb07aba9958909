"""What every detector promises. Inherit, name yours, and give it a window in which it finds something."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..contracts import Detector
from ..domain import Finding, Fleet, Metric, Policies, Window

Edit = Callable[[NDArray[np.float32]], NDArray[np.float32]]


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

    def test_editing_the_future_never_changes_what_was_found(self) -> None:
        """At several moments: the same findings whatever comes after them, in another scale or order, missing, or not there."""
        window, fleet, policies = self.case()
        count = len(window.times)
        for columns in sorted({max(1, count // 4), max(1, count // 2), max(1, 3 * count // 4), max(1, count - 1)}):
            then = replace(fleet, now=float(window.times[columns - 1]))
            found = self._found(first_columns(window, columns), as_of(then), policies)
            for edited in other_futures(window, columns):
                assert self._found(edited, then, policies) == found

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


def first_columns(window: Window, columns: int) -> Window:
    """Return the window as it was when its first `columns` were all there was."""
    metrics = {metric: values[:, :columns].copy() for metric, values in window.metrics.items()}
    return Window(window.plugin_ids, window.times[:columns], window.step_seconds, metrics)


def other_futures(window: Window, columns: int) -> Iterator[Window]:
    """Yield the window with what follows its first `columns` as it is, and edited in four ways."""
    rng = np.random.default_rng(columns)
    order = rng.permutation(len(window.times) - columns) + columns
    yield window
    edits: tuple[Edit, ...] = (
        lambda later: later * 7 + 3,
        lambda later: later[:, order - columns],
        lambda later: np.full_like(later, np.nan),
        lambda later: -later[:, ::-1],
    )
    for edit in edits:
        metrics = {metric: values.copy() for metric, values in window.metrics.items()}
        for values in metrics.values():
            values[:, columns:] = edit(values[:, columns:])
        yield Window(window.plugin_ids, window.times, window.step_seconds, metrics)


def as_of(fleet: Fleet) -> Fleet:
    """Return the fleet with the requests that were answered by `now`: others are not known yet."""
    views = {name: replace(v, trace=v.trace.where(v.trace.end <= fleet.now)) for name, v in fleet.views.items()}
    return replace(fleet, views=views)
