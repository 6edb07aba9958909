"""History replayed: the overload is seen when it was there, not before, and what is done keeps to the rails."""

from dataclasses import replace
from pathlib import Path

import pytest
from hindsight.history import (
    BUSY,
    CALM,
    END,
    FLEET,
    MINUTE,
    OVERLOAD,
    SLO,
    T0,
    Service,
    ask,
    store,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Mode, Policies, Policy, SuggestionType
from plugin_optimizer.hindsight import Report

ADVISE = Policies(Policy(mode=Mode.ADVISE, response_time_seconds=SLO))
AUTOMATIC = Policies(Policy(mode=Mode.AUTOMATIC, response_time_seconds=SLO))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("history")
    store(directory)
    return directory


@pytest.fixture(scope="module")
def automatic(stored: Path) -> Report:
    return ask(stored, AUTOMATIC)


def said(report: Report, until: float = float("inf")) -> list[tuple[object, ...]]:
    """What was told and done up to a moment."""
    return [
        (
            line.proposal.plugin_id,
            line.opened_at,
            line.proposal.change,
            line.proposal.prediction,
            line.done.at if line.done is not None and line.done.at <= until else None,
        )
        for line in report.lines
        if line.opened_at <= until
    ]


def test_an_overload_gets_one_suggestion_within_its_time(automatic: Report) -> None:
    """Not one each look: the first opens it, the others refresh it. The healthy service gets none, and a reason."""
    (line,) = automatic.lines
    assert line.proposal.plugin_id == "orders"
    assert line.proposal.type is SuggestionType.INCREASE_WORKERS
    assert OVERLOAD[0] < line.opened_at < OVERLOAD[0] + 2 * MINUTE
    assert line.closed_at is not None
    assert OVERLOAD[1] < line.closed_at < OVERLOAD[1] + 4 * MINUTE
    assert line.refreshed > 20
    assert [quiet.plugin_id for quiet in automatic.quiet] == ["menu"]
    assert automatic.quiet[0].reason.code == "within_slo"
    assert automatic.recorded == 1.0
    assert automatic.by_minutes == 0.0
    assert not automatic.faults


def test_what_it_would_have_saved_is_what_the_books_say(automatic: Report) -> None:
    """The service is a queue that is known: three workers keep the objective in nearly all minutes of the overload."""
    (line,) = automatic.lines
    found = line.estimate
    assert found is not None
    assert found.p95_seconds[0] > SLO > found.p95_seconds[1]
    assert found.p95_range[0] < found.p95_seconds[1] < found.p95_range[1]
    assert found.mean_seconds[1] < found.mean_seconds[0]
    assert 8 <= found.avoided_minutes <= 16
    assert automatic.avoided_minutes == found.avoided_minutes
    assert line.cost is not None
    assert line.done is not None
    assert line.cost.worker_hours == pytest.approx((END - line.done.at) / 3600)
    assert line.cost.memory_bytes is not None
    assert line.cost.memory_bytes[0] == pytest.approx(60e6, rel=0.05)


def test_automatic_mode_does_it_once_and_keeps_it(automatic: Report) -> None:
    """The recorded world goes on suggesting it: that is no second change. It proves itself after settling."""
    (line,) = automatic.lines
    assert line.done is not None
    assert line.done.at == line.opened_at
    assert line.done.kept
    assert not line.done.assumed
    assert line.done.judged_at is not None
    assert line.done.judged_at >= line.done.at + 60.0 + 60.0
    assert line.repeated == 0


def test_advice_is_not_done(stored: Path) -> None:
    """The suggestion and its estimate are there; nothing would have been executed, and nothing was held back."""
    report = ask(stored, ADVISE)
    (line,) = report.lines
    assert line.done is None
    assert line.estimate is not None
    assert report.avoided_minutes is None
    assert report.worker_hours == 0.0
    assert not line.held


def test_who_only_observes_suggests_nothing(stored: Path) -> None:
    """As in the engine."""
    assert ask(stored, Policies(Policy(mode=Mode.OBSERVE, response_time_seconds=SLO))).lines == ()


def test_a_window_holds_back_what_falls_outside(stored: Path) -> None:
    """The reason is the rail's own; inside the window it is done."""
    closed = Policies(replace(AUTOMATIC.default, windows=("Sat 01:00-02:00 UTC",)))
    (line,) = ask(stored, closed).lines
    assert line.done is None
    assert set(line.held) == {"rail_window"}
    (line,) = ask(stored, Policies(replace(AUTOMATIC.default, windows=("Mon 14:20-15:00 UTC",)))).lines
    assert line.done is not None
    assert line.done.at >= T0 + 20 * MINUTE
    assert line.held["rail_window"] > 5


def test_another_policy_gives_another_answer(stored: Path) -> None:
    """With an objective that the overload keeps, nothing is suggested at all."""
    assert ask(stored, Policies(Policy(response_time_seconds=60.0))).lines == ()


def test_the_same_question_gets_the_same_answer(stored: Path, automatic: Report) -> None:
    """No chance, no clock."""
    assert ask(stored, AUTOMATIC) == automatic


@given(st.integers(12, 38))
@settings(max_examples=4)
def test_what_comes_later_changes_nothing_that_was_said(
    tmp_path_factory: pytest.TempPathFactory, automatic: Report, minute: int
) -> None:
    """No look-ahead: a store that ends at a moment tells the same of the time before it as one that goes on."""
    until = T0 + minute * MINUTE
    directory = tmp_path_factory.mktemp("cut")
    store(directory, until=until)
    cut = ask(directory, AUTOMATIC, until=until)
    assert said(cut) == said(automatic, until)


def test_a_plugin_may_be_asked_about_alone(stored: Path) -> None:
    """Others are seen, and not thought over."""
    report = ask(stored, AUTOMATIC, asked=frozenset({"menu"}))
    assert report.lines == ()
    assert [quiet.plugin_id for quiet in report.quiet] == ["menu"]


def test_asking_planners_less_often_changes_nothing_of_weight(stored: Path, automatic: Report) -> None:
    """At every look, or only where something is new: the same suggestions at the same times."""
    thorough = ask(stored, AUTOMATIC, thorough=True)
    assert said(thorough) == said(automatic)


def test_without_recordings_it_says_so(tmp_path: Path) -> None:
    """No number of workers is suggested, and the reason is told."""
    store(tmp_path, recorded=False)
    report = ask(tmp_path, AUTOMATIC)
    assert report.recorded == 0.0
    assert all(line.proposal.change is None for line in report.lines)
    assert {quiet.reason.code for quiet in report.quiet} <= {"no_knob", "no_probe", "within_slo"}


def test_ten_changes_an_hour_and_no_more(tmp_path: Path) -> None:
    """The budget of the fleet holds in thought, too; the others are told by its name."""
    services = [Service(f"s{n:02d}", ((4, CALM, 2), (4, BUSY, 2)), seed=n, service_seconds=0.1) for n in range(1, 13)]
    store(tmp_path, services, until=T0 + 8 * MINUTE)
    report = ask(tmp_path, AUTOMATIC, services=services, until=T0 + 8 * MINUTE)
    done = [line for line in report.lines if line.done is not None]
    held = [line for line in report.lines if "rail_fleet_budget" in line.held]
    assert len(done) <= 10
    assert len(report.lines) > 10
    assert len(held) == len(report.lines) - len(done)


def test_the_fleet_of_the_tests_is_what_it_says() -> None:
    """Two services; the overload is the second quarter of an hour of one."""
    assert [service.plugin_id for service in FLEET] == ["orders", "menu"]
    assert OVERLOAD == (T0 + 900.0, T0 + 1800.0)
