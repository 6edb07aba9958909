"""A detector of your own, from a package of your own: it finds plugins that nobody asks any more.

A detector is a frozen dataclass. Its fields are its settings, its one verb is `detect`: the recent past of the whole
fleet in, findings out. It is pure (no clock, file, network or chance), and what is missing (NaN) is never a finding.

In the `pyproject.toml` of your package one line brings it into every optimizer of the same environment:

    [project.entry-points."plugin_optimizer.detectors"]
    idle = "your_package.idle:IdleDetector"

Its promises are tested by the contract that is shipped, see `TestIdle` below: `pytest examples/03_own_detector.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from plugin_optimizer.contracts import Detector
from plugin_optimizer.domain import Finding, FindingKind, Fleet, Metric, Policies, Severity, Window
from plugin_optimizer.testing.detector_contract import DetectorContract


@dataclass(frozen=True, slots=True)
class IdleDetector:
    """Finds plugins with no request for `idle_seconds`, measured without a gap."""

    name: str = "idle"
    idle_seconds: float = 60.0

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:  # noqa: ARG002 - not needed
        past = window.times <= fleet.now  # what lies behind now is not known yet
        columns = round(self.idle_seconds / window.step_seconds)
        times = window.times[past][-columns:]
        if len(times) < columns:
            return
        asked = window.series(Metric.REQUESTS)[:, past][:, -columns:]  # [plugins, columns]
        for row in np.flatnonzero((asked == 0).all(axis=1)):  # NaN == 0 is false: a gap is no proof
            yield Finding(
                plugin_id=window.plugin_ids[row],
                metric=Metric.REQUESTS,
                kind=FindingKind.WASTE,
                severity=Severity.INFO,
                score=1.0,
                since=float(times[0]),
                value=0.0,
                limit=1.0,
            )


class TestIdle(DetectorContract):
    """Everything a detector promises, tested on the smallest fleet with something to find."""

    def detector(self) -> Detector:
        return IdleDetector()

    def case(self) -> tuple[Window, Fleet, Policies]:
        times = 1_700_000_000.0 + 5.0 * np.arange(24)
        requests = np.array([[3.0] * 24, [3.0] * 10 + [0.0] * 14], dtype=np.float32)
        window = Window(("busy", "forgotten"), times, 5.0, {Metric.REQUESTS: requests})
        return window, Fleet(now=float(times[-1]), cores=2), Policies()

    def test_the_busy_are_left_in_peace(self) -> None:
        """Only who was asked nothing is found."""
        window, fleet, policies = self.case()
        assert [finding.plugin_id for finding in IdleDetector().detect(window, fleet, policies)] == ["forgotten"]
