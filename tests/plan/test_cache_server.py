"""A cache server is given the room that its keys are worth, within what memory allows, and never less."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.analyze import CacheServerDetector
from plugin_optimizer.contracts import Planner
from plugin_optimizer.domain import (
    CacheServer,
    Finding,
    Fleet,
    HitPoint,
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
    Silence,
    Window,
)
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_case import Case, Past
from plugin_optimizer.plan import CacheServerPlanner
from plugin_optimizer.testing.detector_contract import DetectorContract
from plugin_optimizer.testing.planner_contract import Case as PlannerCase
from plugin_optimizer.testing.planner_contract import PlannerContract
from plugin_optimizer.wording import render

MEBIBYTE = 1 << 20
NOW = 1_000_000.0
CURVE = tuple(
    HitPoint(entries, hits, hits, hits)
    for entries, hits in ((1_000, 0.3), (5_000, 0.55), (10_000, 0.65), (20_000, 0.8), (40_000, 0.92), (60_000, 0.95))
)
SERVER = CacheServer(
    knob="maxmemory",
    policy="allkeys-lru",
    limit_bytes=10 * MEBIBYTE,
    used_bytes=10 * MEBIBYTE,
    empty_bytes=1 * MEBIBYTE,
    entries=10_000,
    entry_bytes=900.0,
    expiring_ratio=0.0,
    curve=CURVE,
    hit_ratio=0.65,
    known_entries=60_000.0,
    misses_per_second=100.0,
    model_error_ratio=0.03,
    sampled_keys=1_024,
    recorded_seconds=300.0,
)
SIZE = Knob(
    "maxmemory", 10 * MEBIBYTE, minimum=MEBIBYTE, maximum=200 * MEBIBYTE, unit="bytes", step=MEBIBYTE, kind="cache_size",
    needed=12.5 * MEBIBYTE, down=Reversibility.LOSSY,
)  # fmt: skip
POLICY = Knob("maxmemory-policy", "allkeys-lru", choices=("allkeys-lru", "noeviction"), kind="cache_policy")

APPROVED = Policy(mode=Mode.APPROVE)


def seen(
    server: CacheServer = SERVER,
    knobs: tuple[Knob, ...] = (SIZE, POLICY),
    errors: float = 0.0,
    policy: Policy = APPROVED,
) -> tuple[Window, Fleet]:
    times = NOW - 5.0 * np.arange(24)[::-1]
    levels = {
        Metric.UP: 1.0,
        Metric.CACHE_HIT_RATIO: 0.65,
        Metric.ERROR_RATIO: errors,
        Metric.MEMORY_BYTES: 14.0 * MEBIBYTE,
    }
    series = {metric: np.full((1, 24), value, dtype=np.float32) for metric, value in levels.items()}
    view = PluginView(Plugin("sessions", "redis"), policy, PluginStatus.ACTIVE, knobs=knobs, server=server)
    return Window(("sessions",), times, 5.0, series), Fleet(NOW, 2, {"sessions": view})


def found(window: Window, fleet: Fleet) -> list[Finding]:
    return list(CacheServerDetector().detect(window, fleet, Policies()))


def thought(window: Window, fleet: Fleet) -> Proposal | Silence:
    (outcome,) = CacheServerPlanner().plan(window, found(window, fleet), fleet)
    return outcome


def proposed(window: Window, fleet: Fleet) -> Proposal:
    outcome = thought(window, fleet)
    assert isinstance(outcome, Proposal), outcome
    for message in (outcome.title, *outcome.evidence):
        assert render(message, "ko") != render(message, "en")
    return outcome


def silenced(window: Window, fleet: Fleet) -> str:
    outcome = thought(window, fleet)
    assert isinstance(outcome, Silence), outcome
    assert render(outcome.reason, "ko") != render(outcome.reason, "en")
    return outcome.reason.code


class TestPlanner(PlannerContract):
    """The shipped contract."""

    def planner(self) -> Planner:
        return CacheServerPlanner()  # type: ignore[return-value]

    def case(self) -> PlannerCase:
        window, fleet = seen()
        return window, found(window, fleet), fleet


class TestDetector(DetectorContract):
    """The shipped contract."""

    def detector(self) -> CacheServerDetector:  # type: ignore[override]
        return CacheServerDetector()

    def case(self) -> tuple[Window, Fleet, Policies]:
        return *seen(), Policies()

    def test_missing_data_is_no_finding(self) -> None:
        """Without a curve there is nothing to find."""
        window, fleet = seen(replace(SERVER, curve=(), curve_missing="cache_keys_not_seen"))
        assert not found(window, fleet)


def test_too_small_gets_a_computed_size_with_its_hit_ratio() -> None:
    """The smallest size within a point of the best, the interval around its curve, and the time it takes to fill."""
    proposal = proposed(*seen())
    assert proposal.change is not None
    assert proposal.prediction is not None
    assert 45 * MEBIBYTE < int(proposal.change.after) < 60 * MEBIBYTE
    assert int(proposal.change.after) % MEBIBYTE == 0
    assert proposal.prediction.before == pytest.approx(0.65)
    assert proposal.prediction.expected == pytest.approx(0.945, abs=0.01)
    assert proposal.prediction.low < proposal.prediction.expected < proposal.prediction.high
    assert proposal.change.goal.fill_seconds == pytest.approx(500, rel=0.1)
    assert proposal.risk is Risk.LOW


def test_a_size_of_which_only_the_least_is_known_is_not_gone_to_for_little() -> None:
    """Beyond what was watched for long enough three points of certain gain are not worth it; ten are."""
    half = replace(SERVER, known_entries=40_000.0)
    change = proposed(*seen(half)).change
    assert change is not None
    assert int(change.after) < 45 * MEBIBYTE
    change = proposed(*seen(replace(SERVER, known_entries=20_000.0))).change
    assert change is not None
    assert int(change.after) > 45 * MEBIBYTE


def test_memory_bounds_the_size() -> None:
    """Neither the knob's bound (the host's memory) nor the policy's limit is passed; where nothing is left, it says so."""
    small = replace(SIZE, maximum=24 * MEBIBYTE)
    change = proposed(*seen(knobs=(small,))).change
    assert change is not None
    assert int(change.after) <= 24 * MEBIBYTE
    limited = Policy(mode=Mode.APPROVE, memory_limit_bytes=40.0 * MEBIBYTE)
    change = proposed(*seen(policy=limited)).change
    assert change is not None
    assert int(change.after) <= 0.85 * 40 * MEBIBYTE - 4 * MEBIBYTE
    assert silenced(*seen(knobs=(replace(SIZE, maximum=10 * MEBIBYTE),))) == "cache_at_memory_bound"


def test_automatic_mode_goes_step_by_step_and_only_up() -> None:
    """At most half as much again at once; less room is neither suggested nor let pass below what is used."""
    automatic = Policy(mode=Mode.AUTOMATIC)
    window, fleet = seen(policy=automatic)
    change = proposed(window, fleet).change
    assert change is not None
    assert int(change.after) == 15 * MEBIBYTE
    assert SIZE.reversibility_to(change.after) is Reversibility.REVERSIBLE
    less = replace(change, after=8 * MEBIBYTE)
    case = Case(Plugin("sessions", "redis"), less, automatic, Past(), NOW, automatic=False, knob=SIZE)
    refused = refusal(case)
    assert refused is not None
    assert refused.code == "rail_needed"


def test_a_flat_curve_and_a_full_answer_ask_for_nothing() -> None:
    """Where more room brings no five points, the cache fits."""
    flat = tuple(HitPoint(point.entries, 0.9, 0.9, 0.9) for point in CURVE)
    assert silenced(*seen(replace(SERVER, curve=flat, hit_ratio=0.9))) == "cache_fits"


@pytest.mark.parametrize(
    "code",
    [
        *("cache_keys_not_seen", "cache_keys_forbidden", "cache_keys_unknown", "cache_evicts_nothing", "cache_empty"),
        *(
            "cache_not_lru",
            "cache_in_cluster",
            "cache_many_databases",
            "cache_mostly_expires",
            "cache_turns_over_too_fast",
        ),
    ],
)
def test_without_a_curve_the_reason_is_told(code: str) -> None:
    """No curve, no size: what is missing is said in both languages."""
    assert silenced(*seen(replace(SERVER, curve=(), curve_missing=code))) == code


def test_a_model_that_does_not_fit_plans_nothing() -> None:
    """Modelled and counted hit ratio lie 20 points apart: no size is computed from that."""
    assert silenced(*seen(replace(SERVER, model_error_ratio=-0.2))) == "model_not_valid"


def test_where_nothing_may_be_turned_it_advises() -> None:
    """CONFIG is forbidden: the same size, as advice, with the reason."""
    proposal = proposed(*seen(replace(SERVER, forbidden="cache_config_forbidden"), knobs=()))
    assert proposal.change is None
    assert proposal.evidence[-1].code == "cache_config_forbidden"


def test_failing_writes_are_answered_by_a_policy_that_a_person_decides() -> None:
    """Full, noeviction, commands fail: evicting helps, and is high risk, since keys are removed."""
    stuck = replace(SERVER, policy="noeviction", curve=(), curve_missing="cache_not_lru")
    proposal = proposed(*seen(stuck, (SIZE, replace(POLICY, value="noeviction")), errors=0.1))
    assert proposal.change is not None
    assert (proposal.change.knob, proposal.change.after) == ("maxmemory-policy", "allkeys-lru")
    assert proposal.risk is Risk.HIGH
    assert silenced(*seen(stuck, (SIZE, replace(POLICY, value="noeviction")), errors=0.0)) == "cache_not_lru"
    broker = replace(stuck, queue_ratio=0.4)
    assert silenced(*seen(broker, (SIZE, replace(POLICY, value="noeviction")), errors=0.1)) == "cache_is_queue"
