"""What is stopped by its CPU limit, or killed for memory, is given more of it: within what the host has, and never less."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.analyze import InactiveDetector, LimitsDetector, ThresholdDetector
from plugin_optimizer.domain import (
    Finding,
    FindingKind,
    Fleet,
    Knob,
    Metric,
    Mode,
    Plugin,
    PluginStatus,
    PluginView,
    Policies,
    Policy,
    Proposal,
    Reversibility,
    Risk,
    Severity,
    Silence,
    SuggestionType,
    Window,
)
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_case import Case, Past
from plugin_optimizer.models.group_room import Throttling
from plugin_optimizer.plan import LimitsPlanner, StatusPlanner
from plugin_optimizer.testing.detector_contract import DetectorContract
from plugin_optimizer.testing.planner_contract import Case as PlannerCase
from plugin_optimizer.testing.planner_contract import PlannerContract
from plugin_optimizer.wording import render

MEBIBYTE = 1 << 20
NOW = 1_000_000.0
QUOTA = Knob("CPUQuota", 20, minimum=1, maximum=200, unit="percent", kind="cpu_limit")
MAX = Knob(
    "MemoryMax", 100 * MEBIBYTE, minimum=MEBIBYTE, maximum=400 * MEBIBYTE, unit="bytes", step=MEBIBYTE, kind="memory_limit",
    needed=108.0 * MEBIBYTE, down=Reversibility.LOSSY,
)  # fmt: skip
APPROVED = Policy(mode=Mode.APPROVE)
THROTTLED = {Metric.THROTTLED_RATIO: 0.9, Metric.THROTTLED_CORES: 0.5, Metric.CPU_CORES: 0.2}
FULL = {Metric.MEMORY_RATIO: 0.9, Metric.MEMORY_BYTES: 90.0 * MEBIBYTE}


def seen(
    levels: dict[Metric, float], knobs: tuple[Knob, ...] = (QUOTA, MAX), policy: Policy = APPROVED
) -> tuple[Window, Fleet]:
    times = NOW - 5.0 * np.arange(24)[::-1]
    series = {m: np.full((1, 24), v, dtype=np.float32) for m, v in {Metric.UP: 1.0, **levels}.items()}
    view = PluginView(Plugin("orders.service", "systemd"), policy, PluginStatus.ACTIVE, knobs=knobs)
    return Window(("orders.service",), times, 5.0, series), Fleet(NOW, 2, {"orders.service": view})


def found(window: Window, fleet: Fleet) -> list[Finding]:
    detectors = (LimitsDetector(), ThresholdDetector())
    return [finding for each in detectors for finding in each.detect(window, fleet, Policies())]


def thoughts(window: Window, fleet: Fleet, more: tuple[Finding, ...] = ()) -> list[Proposal | Silence]:
    outcomes = list(LimitsPlanner().plan(window, (*found(window, fleet), *more), fleet))
    for outcome in outcomes:
        said = (outcome.reason,) if isinstance(outcome, Silence) else (outcome.title, *outcome.evidence)
        assert all(render(message, "ko") != render(message, "en") for message in said)
    return outcomes


def proposed(window: Window, fleet: Fleet) -> Proposal:
    (outcome,) = thoughts(window, fleet)
    assert isinstance(outcome, Proposal), outcome
    assert outcome.change is not None
    assert outcome.prediction is not None
    return outcome


def silenced(window: Window, fleet: Fleet, *more: Finding) -> str:
    (outcome,) = thoughts(window, fleet, more)
    assert isinstance(outcome, Silence), outcome
    return outcome.reason.code


class TestPlanner(PlannerContract):
    """The shipped contract."""

    def planner(self) -> LimitsPlanner:  # type: ignore[override]
        return LimitsPlanner()

    def case(self) -> PlannerCase:
        window, fleet = seen({**THROTTLED, **FULL})
        return window, found(window, fleet), fleet


class TestDetector(DetectorContract):
    """The shipped contract."""

    def detector(self) -> LimitsDetector:  # type: ignore[override]
        return LimitsDetector()

    def case(self) -> tuple[Window, Fleet, Policies]:
        return *seen({**THROTTLED, Metric.OOM_KILLS: 1.0}), Policies()


def test_a_throttled_unit_is_offered_what_it_would_use() -> None:
    """0.2 cores used and 0.5 stopped are 0.7 at most; a tenth beyond that is 80 %. Nobody is stopped then."""
    proposal = proposed(*seen(THROTTLED))
    assert proposal.type is SuggestionType.UPDATE_CONFIG
    assert (proposal.change.before, proposal.change.after) == (20, 80)  # type: ignore[union-attr]
    assert proposal.prediction.metric is Metric.THROTTLED_RATIO  # type: ignore[union-attr]
    assert proposal.prediction.expected == 0.0  # type: ignore[union-attr]
    assert proposal.risk is Risk.MEDIUM


def test_no_limit_is_raised_beyond_the_host() -> None:
    """The knob's bound is what the host has; where it is reached, that is the reason for the silence."""
    small = replace(QUOTA, maximum=50)
    assert proposed(*seen(THROTTLED, (small,))).change.after == 50  # type: ignore[union-attr]
    assert silenced(*seen(THROTTLED, (replace(QUOTA, maximum=20),))) == "limit_at_host"
    assert silenced(*seen(FULL, (replace(MAX, maximum=100 * MEBIBYTE),))) == "memory_limit_at_host"


def test_half_as_much_memory_again_where_it_runs_out() -> None:
    """90 of 100 MiB: 150 MiB, of which it then uses six tenths; a lower limit never passes the rails."""
    proposal = proposed(*seen(FULL))
    assert proposal.change.after == 150 * MEBIBYTE  # type: ignore[union-attr]
    assert proposal.prediction.expected == pytest.approx(0.6, abs=0.01)  # type: ignore[union-attr]
    less = replace(proposal.change, after=50 * MEBIBYTE)  # type: ignore[type-var]
    case = Case(Plugin("orders.service", "systemd"), less, APPROVED, Past(), NOW, automatic=False, knob=MAX)  # type: ignore[arg-type]
    refused = refusal(case)
    assert refused is not None
    assert refused.code == "rail_needed"


def test_the_limit_that_is_met_first_is_raised() -> None:
    """MemoryHigh below MemoryMax is what takes memory back; it grows up to the hard one."""
    high = replace(MAX, name="MemoryHigh", kind="memory_high", value=80 * MEBIBYTE, maximum=100 * MEBIBYTE)
    change = proposed(*seen(FULL, (MAX, high))).change
    assert change is not None
    assert (change.knob, change.after) == ("MemoryHigh", 100 * MEBIBYTE)


def test_killed_for_memory_is_reason_enough() -> None:
    """One process that the kernel killed, though between two kills the memory looks fine."""
    levels = {Metric.MEMORY_RATIO: 0.5, Metric.MEMORY_BYTES: 50.0 * MEBIBYTE, Metric.OOM_KILLS: 0.0}
    window, fleet = seen(levels)
    window.metrics[Metric.OOM_KILLS][0, 3] = 1.0
    assert proposed(window, fleet).change.after == 150 * MEBIBYTE  # type: ignore[union-attr]
    (finding,) = found(window, fleet)
    assert finding.since == window.times[3]


def test_a_leak_is_not_fed() -> None:
    """More room would fill up as well."""
    leak = Finding("orders.service", Metric.MEMORY_BYTES, FindingKind.LEAK, Severity.WARNING, 0.9, NOW, 1.0, 1.0)
    assert silenced(*seen(FULL), leak) == "leak_comes_first"


def test_what_has_room_is_left_alone() -> None:
    """A limit that is larger than needed costs nothing: it is not made smaller."""
    idle = {
        Metric.THROTTLED_RATIO: 0.05,
        Metric.THROTTLED_CORES: 0.01,
        Metric.CPU_CORES: 0.02,
        Metric.MEMORY_RATIO: 0.1,
    }
    assert silenced(*seen(idle)) == "limits_suffice"
    assert silenced(*seen(THROTTLED, ())) == "no_knob"


def test_a_moment_of_throttling_is_no_finding() -> None:
    """It has to last for the policy's time, and to be there at the last two looks."""
    window, fleet = seen(THROTTLED)
    window.metrics[Metric.THROTTLED_RATIO][0, -1] = 0.1
    assert not list(LimitsDetector().detect(window, fleet, Policies()))
    window.metrics[Metric.THROTTLED_RATIO][0] = 0.0
    window.metrics[Metric.THROTTLED_RATIO][0, -2:] = 0.9
    assert not list(LimitsDetector().detect(window, fleet, Policies()))


def test_automatic_mode_would_go_half_as_far_again() -> None:
    """From 20 to 30 % of the way to 80, though no automatic mode does it without a person: the risk is not low."""
    proposal = proposed(*seen(THROTTLED, policy=Policy(mode=Mode.AUTOMATIC)))
    assert proposal.change.after == 30  # type: ignore[union-attr]
    assert 0 < proposal.prediction.expected < 0.9  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("cores", "ratio"), [(0.2, 0.9), (0.45, 0.45), (0.7, 0.0), (2.0, 0.0)], ids=["as now", "half way", "enough", "more"]
)
def test_the_expected_share_falls_with_the_limit(cores: float, ratio: float) -> None:
    """In a straight line from what it uses to what it would use: worked by hand."""
    assert Throttling(0.9, 0.2, 0.5).ratio_under(cores) == pytest.approx(ratio)


def test_what_has_stopped_is_offered_a_start_where_one_can_be_given() -> None:
    """A unit with a state to turn is started again by a person's click; without one, or at rest, there is only advice."""
    window, fleet = seen({})
    window.metrics[Metric.UP][0, -6:] = 0.0
    view = replace(fleet.views["orders.service"], status=PluginStatus.INACTIVE)
    state = Knob(
        "ActiveState", "stopped", choices=("running", "stopped"), reversibility=Reversibility.LOSSY, kind="state"
    )

    def told(view: PluginView) -> Proposal:
        changed = replace(fleet, views={"orders.service": view})
        findings = list(InactiveDetector().detect(window, changed, Policies()))
        (outcome,) = StatusPlanner().plan(window, findings, changed)
        assert isinstance(outcome, Proposal)
        assert outcome.type is SuggestionType.CHECK_PLUGIN_STATUS
        assert render(outcome.title, "ko") != render(outcome.title, "en")
        return outcome

    change = told(replace(view, knobs=(state,))).change
    assert change is not None
    assert (change.knob, change.before, change.after) == ("ActiveState", "stopped", "running")
    assert change.goal.metric is Metric.UP
    assert told(replace(view, knobs=())).change is None
    assert told(replace(view, knobs=(state,), rest_until=NOW + 1)).change is None
    assert told(replace(view, knobs=(replace(state, value="running"),))).change is None
