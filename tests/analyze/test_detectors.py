"""Every built-in detector keeps the contract that is shipped for others."""

import time
from dataclasses import replace

import numpy as np
import pytest
from backoffice import (
    START,
    Service,
    inventory,
    loyalty,
    menu,
    office,
    orders,
    poisson,
    recommendations,
    record,
    reports,
    reservations,
)

from plugin_optimizer.analyze import (
    DETECTORS,
    CacheDetector,
    ErrorDetector,
    InactiveDetector,
    LeakDetector,
    SaturationDetector,
    ThresholdDetector,
    WasteDetector,
)
from plugin_optimizer.contracts import Detector
from plugin_optimizer.domain import (
    Finding,
    FindingKind,
    Fleet,
    Metric,
    Plugin,
    PluginStatus,
    PluginView,
    Policies,
    Policy,
    RequestTrace,
    Severity,
    Window,
)
from plugin_optimizer.testing.detector_contract import DetectorContract

Case = tuple[Window, Fleet, Policies]


def policies_of(fleet: Fleet) -> Policies:
    return Policies(by_plugin={name: view.policy for name, view in fleet.views.items()})


def case_of(*services: Service, seconds: float = 120.0) -> Case:
    window, fleet = office(services, START + seconds)
    return window, fleet, policies_of(fleet)


def overloaded() -> Service:
    return orders(np.random.default_rng(0))


class TestThreshold(DetectorContract):
    def detector(self) -> Detector:
        return ThresholdDetector()

    def case(self) -> Case:
        return case_of(overloaded(), menu(np.random.default_rng(1)))


class TestSaturation(DetectorContract):
    def detector(self) -> Detector:
        return SaturationDetector()

    def case(self) -> Case:
        return case_of(overloaded(), menu(np.random.default_rng(1)))


class TestWaste(DetectorContract):
    def detector(self) -> Detector:
        return WasteDetector()

    def case(self) -> Case:
        return case_of(reports(np.random.default_rng(0)), menu(np.random.default_rng(1)))


class TestLeak(DetectorContract):
    def detector(self) -> Detector:
        return LeakDetector()

    def case(self) -> Case:
        return case_of(reservations(np.random.default_rng(0)), menu(np.random.default_rng(1)))


class TestCache(DetectorContract):
    def detector(self) -> Detector:
        return CacheDetector()

    def case(self) -> Case:
        return case_of(recommendations(np.random.default_rng(0)), menu(np.random.default_rng(1)))


class TestError(DetectorContract):
    def detector(self) -> Detector:
        return ErrorDetector()

    def case(self) -> Case:
        return case_of(inventory(np.random.default_rng(0)), menu(np.random.default_rng(1)))


class TestInactive(DetectorContract):
    def detector(self) -> Detector:
        return InactiveDetector()

    def case(self) -> Case:
        return case_of(loyalty(np.random.default_rng(0)), menu(np.random.default_rng(1)))


def test_detectors_are_listed_by_their_names() -> None:
    """The key is the name the detector gives itself."""
    assert [make().name for make in DETECTORS.values()] == list(DETECTORS)


STEP = 5.0


def grid(values: list[float], metric: Metric = Metric.CPU_RATIO, **others: float) -> Case:
    """Return the case of one plugin whose metric took these values, each 5 s apart, up to now."""
    times = START + STEP * np.arange(len(values))
    metrics = {metric: np.array([values], dtype=np.float32)}
    for name, value in others.items():
        metrics[Metric(name)] = np.full((1, len(values)), value, dtype=np.float32)
    window = Window(("p",), times, STEP, metrics)
    return window, Fleet(float(times[-1]), 2), Policies(by_plugin={"p": Policy(sustain_seconds=20.0)})


def exceeded(case: Case) -> list[Finding]:
    return list(ThresholdDetector().detect(*case))


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([0.5] * 10 + [0.9] * 4, True),
        ([0.5] * 10 + [0.9] * 3, False),  # 15 s are not 20
        ([0.9] * 10 + [0.5], False),  # over
        ([0.9] * 10 + [0.75] * 3, True),  # below the threshold, not below 90 % of it: still on
        ([0.9] * 10 + [0.7] + [0.75] * 3, False),  # cleared, and not above since
        ([0.9, 0.5] * 10, False),  # never for long
        ([0.9] * 10 + [0.75] * 3 + [0.9] * 2, True),
        ([0.9] * 10 + [NAN] * 4, False),  # nobody knows
        ([0.9] * 4 + [NAN, 0.9, NAN, 0.9, NAN, NAN], False),
        ([NAN] * 20, False),
        ([0.9] * 20 + [NAN] + [0.9] * 4, True),
    ],
)
def test_a_threshold_is_sustained_and_has_a_memory(values: list[float], found: bool) -> None:
    """20 s above 0.8 begin a finding, falling below 0.72 ends it, missing data is neither."""
    assert bool(exceeded(grid(values))) is found


def test_a_finding_says_since_when() -> None:
    """The first sample of the run above the threshold, also while the value lies in the band below it."""
    finding = exceeded(grid([0.5] * 6 + [0.9] * 8 + [0.75] * 2))[0]
    assert finding.since == START + 6 * STEP


def test_one_failed_request_is_no_outage() -> None:
    """An error ratio of 0.5 of two requests a turn is not judged; of forty it is."""
    few = grid([0.5] * 12, Metric.ERROR_RATIO, requests=2.0)
    many = grid([0.5] * 12, Metric.ERROR_RATIO, requests=40.0)
    assert not exceeded(few)
    assert exceeded(many)


def test_a_failure_now_and_then_is_not_above_a_share_of_five_percent() -> None:
    """One of eleven requests failed in each of four turns: 9 %, which a share of 5 % makes often; for two minutes it does not."""
    for turns, found in ((4, False), (6, False), (24, True)):
        window, fleet, _ = grid([0.0] * 10 + [1 / 11] * turns, Metric.ERROR_RATIO, requests=11.0)
        policies = Policies(by_plugin={"p": Policy(sustain_seconds=20.0, error_ratio=0.05)})
        assert bool(exceeded((window, fleet, policies))) is found


def test_memory_read_every_third_turn_is_not_missing() -> None:
    """A gauge holds for 15 s; after that it is stale."""
    values = [0.9, NAN, NAN] * 6
    assert exceeded(grid(values, Metric.MEMORY_RATIO))
    assert not exceeded(grid([*values, NAN, NAN, NAN, NAN], Metric.MEMORY_RATIO))


def test_queues_within_the_slo_are_information_only() -> None:
    """The same wait of 1.2 s is critical under a tight SLO, an INFO under a loose one, and nothing beside 60 s."""
    services = [replace(overloaded(), policy=Policy(response_time_seconds=slo)) for slo in (0.5, 4.0, 60.0)]
    severities = [{f.severity for f in SaturationDetector().detect(*case_of(s))} for s in services]
    assert severities == [{Severity.CRITICAL}, {Severity.INFO}, set()]


def test_saturation_is_over_soon_after_the_change_that_ends_it() -> None:
    """Half a minute after two more workers came, the minute before is no longer held against the plugin."""
    rng = np.random.default_rng(3)
    service, helped = orders(rng, 120.0), orders(rng, 32.0, workers=4)
    later = replace(helped.trace, arrival=helped.trace.arrival + 120.0)
    relieved = replace(service, workers=4, trace=RequestTrace.merge(service.trace, later))
    assert list(SaturationDetector().detect(*case_of(relieved, seconds=120.0)))
    assert not list(SaturationDetector().detect(*case_of(relieved, seconds=152.0)))


def test_without_a_probe_busy_workers_tell() -> None:
    """Two workers that are never free, seen by StatsD only."""
    window, fleet, policies = grid([0.97] * 20, Metric.BUSY_RATIO)
    assert [f.metric for f in SaturationDetector().detect(window, fleet, policies)] == [Metric.BUSY_RATIO]
    assert not list(SaturationDetector().detect(*grid([0.6] * 20, Metric.BUSY_RATIO)))


def test_idle_workers_are_waste_only_above_the_floor() -> None:
    """Eight idle workers are, two are not; a short peak makes them needed."""
    rng = np.random.default_rng(1)
    assert list(WasteDetector().detect(*case_of(reports(rng))))
    assert not list(WasteDetector().detect(*case_of(reports(rng, workers=2))))
    busy = grid([0.05] * 10 + [0.6] * 3 + [0.05] * 10, Metric.BUSY_RATIO, workers=8.0, requests=40.0)
    idle = grid([0.05] * 23, Metric.BUSY_RATIO, workers=8.0, requests=40.0)
    assert not list(WasteDetector().detect(*busy))
    assert list(WasteDetector().detect(*idle))


def test_a_rise_of_errors_is_told_from_chance() -> None:
    """1 % to 4 % of 600 requests is a rise although below the policy; 1 % to 1.5 % is chance."""
    rose = grid([0.01] * 30 + [0.04] * 8, Metric.ERROR_RATIO, requests=100.0)
    same = grid([0.01] * 30 + [0.015] * 8, Metric.ERROR_RATIO, requests=100.0)
    assert [f.kind for f in ErrorDetector().detect(*rose)] == [FindingKind.ERROR]
    assert not list(ErrorDetector().detect(*same))


def test_a_healthy_service_has_no_rise_of_errors() -> None:
    """400 series of 2 % random failures, ten minutes each: at most 1 % cry."""
    rng = np.random.default_rng(2)
    requests = np.full((400, 120), 60.0)
    ratios = rng.binomial(60, 0.02, (400, 120)) / 60
    times = START + STEP * np.arange(120)
    names = tuple(f"p{i}" for i in range(400))
    metrics = {Metric.ERROR_RATIO: ratios.astype(np.float32), Metric.REQUESTS: requests.astype(np.float32)}
    found = list(ErrorDetector().detect(Window(names, times, STEP, metrics), Fleet(float(times[-1]), 2), Policies()))
    assert len(found) <= 4


def test_gone_is_told_from_not_looked_at() -> None:
    """Two looks in vain are needed; no look is no finding; one that was never there has to be missing for 30 s."""

    def gone(values: list[float]) -> bool:
        return bool(list(InactiveDetector().detect(*grid(values, Metric.UP))))

    assert gone([1, 1, 1, 0, 0])
    assert not gone([1, 1, 1, 0])
    assert not gone([1, 1, 0, 0, 1])
    assert not gone([1, 1, 1, NAN, NAN])
    assert not gone([0, 0, 0])
    assert gone([0] * 8)


def test_a_plugin_that_keeps_restarting_is_found() -> None:
    """Four restarts in two minutes; one is none."""

    def flaps(values: list[float]) -> bool:
        found = InactiveDetector().detect(*grid(values, Metric.RESTARTS))
        return FindingKind.RESTARTING in {f.kind for f in found}

    assert flaps([0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0])
    assert not flaps([0, 0, 1, 0, 0, 0, 0, 0])


def test_processes_that_do_not_come_up_are_found() -> None:
    """Two looks in a row; a process that is being started anew at one look is none."""

    def fails(values: list[float]) -> bool:
        found = InactiveDetector().detect(*grid(values, Metric.FAILED_WORKERS))
        return Metric.FAILED_WORKERS in {f.metric for f in found}

    assert fails([0, 0, 1, 1])
    assert not fails([0, 0, 0, 1])
    assert not fails([1, 1, 1, 0])
    assert not fails([NAN, NAN, NAN, 1])


def test_a_cache_of_the_right_size_is_left_alone() -> None:
    """With room for all 400 items nothing is found."""
    service = recommendations(np.random.default_rng(3), seconds=300.0, size=400)
    assert not list(CacheDetector().detect(*case_of(service, seconds=300.0)))


def test_ten_thousand_plugins_are_screened_in_a_second() -> None:
    """The detectors that see every plugin are vectorised: 10,000 plugins by 120 turns within 5 s of CPU here."""
    rng = np.random.default_rng(4)
    times = START + STEP * np.arange(120)
    names = tuple(f"p{i}" for i in range(10_000))
    metrics = {m: rng.uniform(0.1, 0.5, (10_000, 120)).astype(np.float32) for m in Metric}
    metrics[Metric.UP][:] = 1.0
    metrics[Metric.RESTARTS][:] = 0.0
    window, fleet = Window(names, times, STEP, metrics), Fleet(float(times[-1]), 2)
    began = time.process_time()
    for make in DETECTORS.values():
        list(make().detect(window, fleet, Policies()))
    assert time.process_time() - began < 5.0


def test_a_short_history_is_no_reason_to_cry() -> None:
    """Ten seconds after the start nothing is found of anybody."""
    rng = np.random.default_rng(5)
    services = [make(rng, 12.0) for make in (orders, reports, reservations, recommendations)]
    window, fleet, policies = case_of(*services, seconds=10.0)
    found = [f for make in DETECTORS.values() for f in make().detect(window, fleet, policies)]
    assert [f for f in found if f.severity is not Severity.INFO] == []


def test_slow_because_of_the_cpu_is_said_so() -> None:
    """Requests that wait for a core most of their time are CPU trouble, not a lack of workers."""
    rng = np.random.default_rng(6)
    arrival = poisson(rng, 15.0, 120.0)
    wall = np.full(len(arrival), 0.1)
    trace = record(arrival, wall, 4, cpu=0.05, run_delay=0.045)
    found = list(SaturationDetector().detect(*case_of(Service("cpu", 4, trace, Policy(response_time_seconds=0.2)))))
    assert [f.metric for f in found] == [Metric.CPU_RATIO]


def test_the_moment_a_plugin_went_does_not_slide_with_the_window() -> None:
    """Gone for longer than the window reaches back: the known moment is told, not the window's edge."""
    window, fleet, policies = grid([0] * 8, Metric.UP)
    went = float(window.times[0]) - 3_600.0
    view = PluginView(Plugin("p", "gunicorn"), Policy(), status=PluginStatus.INACTIVE, since=went)
    views = {window.plugin_ids[0]: view}
    (finding,) = InactiveDetector().detect(window, Fleet(fleet.now, 2, views), policies)
    assert finding.since == went
