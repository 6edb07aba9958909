"""A unit or container that leaks up to its limit, or runs and does not work, is offered one fresh start: never in a loop."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.analyze import InactiveDetector, LeakDetector, ThresholdDetector
from plugin_optimizer.domain import (
    LIFE,
    Direction,
    Disruption,
    Finding,
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
    Purpose,
    Reversibility,
    Risk,
    Silence,
    SuggestionType,
    Window,
    following,
)
from plugin_optimizer.models.life import began_at, fresh_start
from plugin_optimizer.plan import RestartPlanner, StatusPlanner
from plugin_optimizer.testing.planner_contract import Case as PlannerCase
from plugin_optimizer.testing.planner_contract import PlannerContract
from plugin_optimizer.wording import render

MB = 1e6
NOW = 1_796_000_000.0  # 2026-11-30T00:53:20Z
LIMIT = 500 * MB
TURNS, STEP_SECONDS = 120, 5.0
APPROVED = Policy(mode=Mode.APPROVE)


def life(age_seconds: float) -> Knob:
    name = f"{np.datetime64(int(NOW - age_seconds), 's')}Z 4f2a91c0"
    return Knob(
        "life", name, choices=(name, following(name)), disruption=Disruption.RESTART,
        reversibility=Reversibility.IRREVERSIBLE, persistent=False, kind=LIFE,
    )  # fmt: skip


OLD = life(20 * 3_600.0)


def seen(
    memory_bytes: float = 400 * MB,
    slope: float = 0.05 * MB,
    knobs: tuple[Knob, ...] = (OLD,),
    healthy: float = np.nan,
    policy: Policy = APPROVED,
) -> tuple[Window, Fleet]:
    """A plugin that holds so much memory now, and grew by `slope` bytes a second for ten minutes."""
    times = NOW - STEP_SECONDS * np.arange(TURNS)[::-1]
    noise = np.random.default_rng(1).normal(0, 0.02 * MB, TURNS)
    held = memory_bytes + slope * (times - NOW) + noise
    rows = {Metric.UP: np.ones(TURNS), Metric.MEMORY_BYTES: held, Metric.MEMORY_RATIO: held / LIMIT}
    rows[Metric.HEALTHY] = np.full(TURNS, healthy)
    view = PluginView(Plugin("orders.service", "systemd"), policy, PluginStatus.ACTIVE, knobs=knobs)
    series = {metric: row[None, :].astype(np.float32) for metric, row in rows.items()}
    return Window(("orders.service",), times, STEP_SECONDS, series), Fleet(NOW, 2, {"orders.service": view})


def found(window: Window, fleet: Fleet) -> list[Finding]:
    detectors = (LeakDetector(), ThresholdDetector(), InactiveDetector())
    return [finding for each in detectors for finding in each.detect(window, fleet, Policies(APPROVED))]


def thought(planner: RestartPlanner | StatusPlanner, window: Window, fleet: Fleet) -> Proposal | Silence:
    (outcome,) = planner.plan(window, found(window, fleet), fleet)
    said = [outcome.reason] if isinstance(outcome, Silence) else [outcome.title, *outcome.evidence]
    if isinstance(outcome, Proposal) and outcome.judged_by is not None:
        said.append(outcome.judged_by)
    assert all(render(message, "ko") != render(message, "en") for message in said)
    return outcome


def silence(window: Window, fleet: Fleet) -> str:
    outcome = thought(RestartPlanner(), window, fleet)
    assert isinstance(outcome, Silence), outcome
    return outcome.reason.code


class TestPlanner(PlannerContract):
    """The shipped contract."""

    def planner(self) -> RestartPlanner:  # type: ignore[override]
        return RestartPlanner()

    def case(self) -> PlannerCase:
        window, fleet = seen()
        return window, found(window, fleet), fleet


def test_a_leak_near_its_limit_is_offered_a_fresh_start() -> None:
    """400 of 500 MB, growing by 180 MB an hour: it had about 120 at the least (30 %) when it began, and 370 at the most."""
    outcome = thought(RestartPlanner(), *seen())
    assert isinstance(outcome, Proposal), outcome
    change, prediction = outcome.change, outcome.prediction
    assert outcome.type is SuggestionType.RECYCLE_WORKERS
    assert change is not None
    assert prediction is not None
    assert (change.before, change.after) == (OLD.value, following(str(OLD.value)))
    assert change.ends_life
    assert (change.goal.metric, change.goal.direction) == (Metric.MEMORY_RATIO, Direction.DOWN)
    assert change.goal.purpose is Purpose.RENEW
    assert prediction.before == pytest.approx(0.8, abs=0.01)
    assert prediction.low == pytest.approx(0.24, abs=0.01)
    assert prediction.high == pytest.approx(0.74, abs=0.01)
    assert outcome.risk is Risk.MEDIUM


def test_a_limit_that_is_far_is_no_reason_to_interrupt() -> None:
    """100 of 500 MB at 7 MB an hour: there is time to find the leak."""
    window, fleet = seen(100 * MB, 0.02 * MB)
    assert silence(window, fleet) == "limit_is_far"


def test_what_does_not_grow_is_not_restarted_for_being_full() -> None:
    """90 % of the limit, and flat: a larger limit may help, a restart does not."""
    window, fleet = seen(450 * MB, 0.0)
    assert silence(window, fleet) == "no_growth"


def test_a_young_life_is_not_ended() -> None:
    """What leaks to its limit within an hour would be restarted over and over."""
    window, fleet = seen(knobs=(life(1_800.0),))
    assert silence(window, fleet) == "restart_no_cure"


def test_no_restart_where_the_limit_comes_back_within_the_hour() -> None:
    """400 MB at 720 MB an hour: a fresh start of 260 MB would be at 500 within 20 minutes."""
    window, fleet = seen(slope=0.2 * MB)
    assert silence(window, fleet) == "restart_no_cure"


def test_what_nothing_can_restart_has_no_such_knob() -> None:
    """A touchpoint that offers no life leaves it at the advice of others."""
    window, fleet = seen(knobs=())
    assert silence(window, fleet) == "no_knob"


def test_one_that_fails_its_health_check_is_offered_a_restart() -> None:
    """Two looks in a row; judged by whether it is well for a minute; without the knob, or too young, a person is told to look."""
    window, fleet = seen(100 * MB, 0.0, healthy=0.0)
    outcome = thought(StatusPlanner(), window, fleet)
    assert isinstance(outcome, Proposal)
    assert outcome.title.code == "restart_ill"
    assert outcome.change is not None
    assert outcome.change.goal.metric is Metric.HEALTHY
    for knobs in ((), (life(300.0),)):
        window, fleet = seen(100 * MB, 0.0, knobs=knobs, healthy=0.0)
        outcome = thought(StatusPlanner(), window, fleet)
        assert isinstance(outcome, Proposal)
        assert (outcome.title.code, outcome.change) == ("plugin_is_ill", None)


def test_one_that_is_well_is_left_alone() -> None:
    """A health check that succeeds, or that is not there, is no finding."""
    for healthy in (1.0, np.nan):
        window, fleet = seen(100 * MB, 0.0, healthy=healthy)
        assert isinstance(thought(StatusPlanner(), window, fleet), Silence)


def test_the_name_of_a_life_says_when_it_began() -> None:
    """Docker's nanoseconds and systemd's seconds alike; a name of another form says nothing."""
    began = 1_796_000_000.0
    assert began_at(replace(OLD, value="2026-11-30T00:53:20Z 4f2a91c0")) == began
    assert began_at(replace(OLD, value="2026-11-30T00:53:20.123456789Z")) == pytest.approx(began, abs=0.2)
    assert began_at(replace(OLD, value="life 7")) is None


def test_the_growth_since_its_start_is_what_a_restart_gives_back() -> None:
    """Worked by hand: 400 MB now at 10 kB/s, begun 3 h ago: 292 MB at the start, 394 at most (it was seen to grow for 595 s)."""
    window, fleet = seen(slope=0.01 * MB, knobs=(life(3 * 3_600.0),))
    case = fresh_start(fleet.views["orders.service"], life(3 * 3_600.0), window, fleet)
    assert case is not None
    assert case.low_bytes == pytest.approx(292 * MB, rel=0.02)
    assert case.high_bytes == pytest.approx(394 * MB, rel=0.02)
    assert case.again_seconds == pytest.approx((500 - 343) * MB / (0.01 * MB), rel=0.05)
