"""Settings without a model: which experiment is suggested, and why none is."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from backoffice import START, Service, menu, office, poisson, record, think

from plugin_optimizer.contracts import Planner
from plugin_optimizer.domain import (
    Disruption,
    ErrorGroup,
    Finding,
    FindingKind,
    Fleet,
    Knob,
    Message,
    Metric,
    Mode,
    Policy,
    Proposal,
    Reversibility,
    Risk,
    Severity,
    SuggestionType,
    Trial,
    Window,
)
from plugin_optimizer.models.pace import too_far
from plugin_optimizer.plan.config import ConfigPlanner
from plugin_optimizer.testing.planner_contract import PlannerContract
from tests.models import experiment_cases

Case = tuple[Window, Sequence[Finding], Fleet]
NOW = START + 120.0
BATCH = Knob("batch_size", 8, 1, 128, kind="performance")
SLOW = Policy(response_time_seconds=0.3, sustain_seconds=15.0)


def batches(knobs: tuple[Knob, ...] = (BATCH,), policy: Policy = SLOW) -> Service:
    """6 requests a second that take half a second each, on twelve workers; SLO 0.3 s."""
    rng = np.random.default_rng(0)
    arrival = poisson(rng, 6.0, 120.0)
    trace = record(arrival, rng.gamma(4.0, 0.5 / 4, len(arrival)), 12)
    return Service("batches", 12, trace, policy, knobs=knobs)


def case_of(service: Service, trials: tuple[Trial, ...] = ()) -> Case:
    window, fleet = office([service, menu(np.random.default_rng(1))], NOW)
    views = {**fleet.views, service.plugin_id: replace(fleet.views[service.plugin_id], trials=trials)}
    return window, think(window, fleet).findings, replace(fleet, views=views)


def answer(
    service: Service, trials: tuple[Trial, ...] = (), planner: ConfigPlanner | None = None
) -> Proposal | Message:
    (thought,) = [
        t for t in (planner or ConfigPlanner()).plan(*case_of(service, trials)) if t.plugin_id == service.plugin_id
    ]
    return thought if isinstance(thought, Proposal) else thought.reason


def proposed(service: Service, trials: tuple[Trial, ...] = ()) -> Proposal:
    found = answer(service, trials)
    assert isinstance(found, Proposal), found
    return found


def silent(service: Service, trials: tuple[Trial, ...] = ()) -> str:
    found = answer(service, trials)
    assert isinstance(found, Message), found
    return found.code


def trial(before: int | str, after: int | str, effect: float, hours_ago: float = 2.0, **more: object) -> Trial:
    """An experiment with `batch_size` that ended hours ago, with a verdict of that effect ±3 %."""
    at = NOW - hours_ago * 3600.0
    own = {"knob": "batch_size", "ended_at": at, "steady_since": at, **more}
    return experiment_cases.trial(before, after, effect, **own)  # type: ignore[arg-type]


class TestNumbers(PlannerContract):
    def planner(self) -> Planner:
        return ConfigPlanner()

    def case(self) -> Case:
        return case_of(batches(), (trial(4, 8, 0.8),))


class TestWords(PlannerContract):
    def planner(self) -> Planner:
        return ConfigPlanner()

    def case(self) -> Case:
        knob = Knob("order", "arrival", choices=("arrival", "shortest", "random"), kind="performance")
        return case_of(batches((knob,)))


def test_a_first_experiment_is_one_small_step_that_a_person_decides_on() -> None:
    """Nothing is known: at most a factor of two, and not sure enough for automatic mode."""
    found = proposed(batches())
    assert found.change is not None
    assert found.type is SuggestionType.UPDATE_CONFIG
    assert 4 <= int(found.change.after) <= 16
    assert found.confidence < 0.7
    assert "experiment_first" in [m.code for m in found.evidence]
    assert found.change.goal.slo == 0.3


def test_a_way_that_helped_is_gone_on() -> None:
    """Twice as much was better twice: the next experiment goes up again, more sure than the first, and predicts so."""
    found = proposed(batches((replace(BATCH, value=32),)), (trial(8, 16, 0.75), trial(16, 32, 0.75)))
    assert found.change is not None
    assert int(found.change.after) > 32
    assert found.confidence > proposed(batches()).confidence
    assert found.prediction is not None
    assert found.prediction.expected < found.prediction.before


def test_nothing_is_tried_where_harm_was_proven() -> None:
    """Up was worse: whatever is tried next lies below it, not even close to it."""
    found = proposed(batches(), (trial(8, 16, 2.0, hours_ago=30.0),))
    assert found.change is not None
    assert int(found.change.after) < 14


def test_what_a_person_took_back_is_not_tried_again() -> None:
    """Better or not: somebody did not want it, nor more of it."""
    taken = trial(8, 16, 0.7, hours_ago=30.0, kept=False, refused=True)
    found = answer(batches(), (taken,))
    assert isinstance(found, Message) or (found.change is not None and int(found.change.after) < 14)


def test_it_stops_where_another_experiment_is_not_worth_it() -> None:
    """Both sides of the best value are known: the reason names the value, and the gain that is missing."""
    known = (trial(4, 8, 0.7), trial(8, 16, 1.15, 30.0), trial(8, 12, 1.06, 31.0), trial(8, 6, 1.06, 32.0))
    found = answer(batches(), known)
    assert isinstance(found, Message)
    assert found.code == "experiments_settled"
    assert found.params["value"] == 8
    assert 0 <= float(str(found.params["gain_ratio"])) < float(str(found.params["needed_ratio"]))


def test_without_anything_wrong_nothing_is_tried() -> None:
    """Inside its objective with nothing to gain: no experiment."""
    assert silent(batches(policy=replace(SLOW, response_time_seconds=5.0))) == "within_slo"


@pytest.mark.parametrize(
    ("knob", "reason"),
    [
        (replace(BATCH, kind="setting"), "no_knob"),  # may change what is answered
        (replace(BATCH, maximum=None), "knob_unbounded"),
        (replace(BATCH, disruption=Disruption.RESTART), "knob_too_risky"),
        (replace(BATCH, reversibility=Reversibility.LOSSY), "knob_too_risky"),
    ],
)
def test_only_gentle_knobs_that_were_offered_are_turned(knob: Knob, reason: str) -> None:
    """A knob has to be of kind `performance`, bounded, live and exactly reversible."""
    assert silent(batches((knob,))) == reason


def test_words_are_tried_too_but_never_by_themselves() -> None:
    """There is no small step between two words: medium risk, so automatic mode leaves it to a person."""
    knob = Knob("order", "arrival", choices=("arrival", "shortest"), kind="performance")
    found = proposed(batches((knob,)))
    assert found.change is not None
    assert (found.change.after, found.risk) == ("shortest", Risk.MEDIUM)


def test_a_word_that_did_not_help_is_not_tried_again() -> None:
    """The other one is; then nothing is left."""
    knob = Knob("order", "a", choices=("a", "b", "c"), kind="performance")
    first = replace(trial("a", "b", 1.0, 30.0), knob="order")
    found = proposed(batches((knob,)), (first,))
    assert found.change is not None
    assert found.change.after == "c"
    second = replace(trial("a", "c", 1.3, 28.0), knob="order")
    assert silent(batches((knob,)), (first, second)) == "experiments_fenced"


def test_the_more_promising_of_several_knobs_is_tried() -> None:
    """One knob has had its turn in both directions, the other was never touched."""
    other = Knob("prefetch", 8, 1, 128, kind="performance")
    known = (trial(8, 16, 1.02, 30.0), trial(8, 4, 1.02, 31.0), trial(8, 12, 1.0, 32.0))
    found = proposed(batches((BATCH, other)), known)
    assert found.change is not None
    assert found.change.knob == "prefetch"


def test_a_day_has_a_budget() -> None:
    """Six experiments within a day are enough; 0 forbids them."""
    spent = tuple(trial(8, 16, 1.0, hours_ago=20.0 - i) for i in range(6))
    assert silent(batches(), spent) == "experiments_spent"
    assert silent(batches(policy=replace(SLOW, experiments_per_day=0))) == "experiments_off"


def test_the_past_has_to_be_all_of_one_value_and_undone_experiments_rest() -> None:
    """Two minutes after a kept change the judge would compare with two values at once; an undone one rests longer."""
    assert silent(batches((replace(BATCH, value=16),)), (trial(8, 16, 0.8, 2 / 60),)) == "experiment_resting"
    assert silent(batches(), (trial(8, 16, 1.0, 9 / 60),)) == "experiment_resting"
    assert silent(batches(), (trial(8, 6, 1.0, 0.5), trial(8, 16, 1.0, 15 / 60))) == "experiment_resting"
    assert isinstance(answer(batches(), (trial(8, 6, 1.0, 1.5),)), Proposal)


def test_close_to_the_objective_nothing_is_tried_that_may_break_it() -> None:
    """Saturated but inside its SLO with 2 % to spare: every first experiment is too likely to go beyond it."""
    window, _, fleet = case_of(batches(policy=replace(SLOW, response_time_seconds=1.0)))
    level = float(np.nanmean(window.of("batches", Metric.RESPONSE_TIME_P95_SECONDS)[-12:]))
    view = fleet.views["batches"]
    near = replace(view, policy=replace(view.policy, response_time_seconds=level * 1.02))
    finding = Finding(
        "batches", Metric.BUSY_RATIO, FindingKind.SATURATION, Severity.WARNING, 0.9, NOW - 60.0, 0.95, 0.9
    )
    (thought,) = ConfigPlanner().plan(window, (finding,), replace(fleet, views={"batches": near}))
    assert not isinstance(thought, Proposal)
    assert thought.reason.code == "experiments_unsafe"


def test_nothing_is_tried_that_could_not_be_judged() -> None:
    """Half a minute of past is too little to compare with, whatever was found in it."""
    window, findings, fleet = case_of(batches())
    young = {metric: values.copy() for metric, values in window.metrics.items()}
    for values in young.values():
        values[:, :-6] = np.nan
    (thought,) = [
        t for t in ConfigPlanner().plan(replace(window, metrics=young), findings, fleet) if t.plugin_id == "batches"
    ]
    assert not isinstance(thought, Proposal)
    assert thought.reason.code == "too_little_data"


def test_automatic_mode_stays_within_its_rails() -> None:
    """+50 % or −20 % at most, or the suggestion could never be executed."""
    found = proposed(batches((replace(BATCH, value=32),), replace(SLOW, mode=Mode.AUTOMATIC)), (trial(16, 32, 0.7),))
    assert found.change is not None
    assert not too_far(32, int(found.change.after), 1)


def test_workers_come_before_experiments() -> None:
    """Where requests wait for workers, what helps is computed; nobody experiments meanwhile."""
    rng = np.random.default_rng(0)
    arrival = poisson(rng, 14.0, 120.0)
    trace = record(arrival, rng.gamma(4.0, 0.130 / 4, len(arrival)), 2)
    service = Service("batches", 2, trace, Policy(response_time_seconds=0.4, sustain_seconds=15.0), knobs=(BATCH,))
    assert silent(service) == "workers_may_help"


@pytest.mark.parametrize(("name", "tried"), [("psycopg.errors.QueryTimeout", True), ("ValueError", False)])
def test_errors_are_a_reason_where_they_are_timeouts(name: str, tried: bool) -> None:
    """A pool or a time limit may heal timeouts; nothing of the sort heals a bug."""
    service = batches(policy=replace(SLOW, response_time_seconds=5.0))
    count = len(service.trace)
    failing = np.arange(count) % 4 == 0
    trace = replace(service.trace, status=np.where(failing, 500, 200), error=np.where(failing, 77, 0))
    group = ErrorGroup(77, name, "", (), START, NOW)
    found = answer(replace(service, trace=trace, errors=(group,)))
    if not tried:
        assert isinstance(found, Message)
        assert found.code == "within_slo"
        return
    assert isinstance(found, Proposal)
    assert found.change is not None
    assert found.change.goal.metric is Metric.ERROR_RATIO
