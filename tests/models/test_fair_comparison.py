"""An outcome counts for or against a prediction only if the change alone made it."""

from dataclasses import replace
from typing import Any

import pytest
from models.ledger_cases import APPLIED, BEGUN, JUDGED, PREDICTION, STEPS, circumstances, execution, proposal, verdict

from plugin_optimizer.domain import Message, Metric, Outcome, SettingChange, Verdict
from plugin_optimizer.models.fair_comparison import Circumstances, unfair


def why(seen: Circumstances, **details: Any) -> str | None:
    given = proposal(details=details) if details else proposal()
    found = unfair(PREDICTION, given, seen)
    return found.code if found else None


def judged(**changes: Any) -> Circumstances:
    return circumstances(execution(verdict=verdict(**changes)))


def test_a_change_that_stood_alone_is_compared() -> None:
    """In force all the time, seen long enough, nothing else moved: fair, whatever the verdict was."""
    for outcome in (Outcome.BETTER, Outcome.SAME, Outcome.WORSE):
        assert why(judged(outcome=outcome)) is None


def test_an_open_verdict_is_compared_unless_too_little_was_seen() -> None:
    """Inconclusive as the effect is small: a figure; inconclusive for want of data: none."""
    assert why(judged(outcome=Outcome.INCONCLUSIVE, reasons=(Message("not_clear_yet"),))) is None
    assert why(judged(outcome=Outcome.INCONCLUSIVE, reasons=(Message("need_more_windows"),))) == "ledger_too_little"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"method": "guard"}, "ledger_guard"),
        ({"after": float("nan")}, "ledger_too_little"),
        ({"reasons": (Message("missing_windows"),)}, "ledger_too_little"),
        ({"reasons": (Message("no_before"),)}, "ledger_too_little"),
        ({"reasons": (Message("still_warming"),)}, "ledger_warming"),
        ({"reasons": (Message("environment_changed"),)}, "ledger_environment"),
        ({"reasons": (Message("environment_adjusted"),)}, "ledger_environment"),
        ({"metric": Metric.RESPONSE_TIME_SECONDS}, "ledger_other_figure"),
        ({"method": "windows"}, "ledger_other_figure"),
    ],
)
def test_what_the_verdict_says_against_it(changes: dict[str, Any], code: str) -> None:
    """A guard, want of data, moving neighbours, another figure: each is named."""
    assert why(judged(**changes)) == code


def test_without_a_verdict_or_an_interval_there_is_no_figure() -> None:
    """Nothing is concluded from what was never judged or never predicted in figures."""
    assert why(circumstances(execution(verdict=None))) == "ledger_no_figure"
    found = unfair(replace(PREDICTION, high=float("nan")), proposal(), circumstances())
    assert found is not None
    assert found.code == "ledger_no_figure"


@pytest.mark.parametrize("state", ["unknown", "partial", "foreign", "gone"])
def test_a_knob_that_was_away_was_not_in_force(state: str) -> None:
    """Lost before or while it was judged: not compared; on its way back later: no matter."""
    before = (*STEPS[:3], (state, JUDGED - 1), STEPS[3])
    assert why(circumstances(steps=before)) == "ledger_not_in_force"
    assert why(circumstances(steps=(*STEPS, ("rb_intent", JUDGED + 900), (state, JUDGED + 901)))) is None


def test_never_applied_or_never_judged_is_not_in_force() -> None:
    """Without the moment of either there is nothing to look at."""
    assert why(circumstances(execution(applied_at=None))) == "ledger_not_in_force"
    assert why(circumstances(execution(verifying_at=None))) == "ledger_not_in_force"


def test_another_setting_that_moved_meanwhile_is_named() -> None:
    """From the approval to the end of the judgement; before, after, elsewhere and our own do not count."""

    def moved(at: float, plugin_id: str = "orders", by: str = "outside") -> Circumstances:
        return circumstances(changes=(SettingChange(plugin_id, "timeout", 5, 9, at, by),))

    assert why(moved(APPLIED + 1)) == "ledger_other_change"
    assert why(moved(BEGUN + 1)) == "ledger_other_change"
    assert why(moved(APPLIED + 1, by="ex_0099")) == "ledger_other_change"
    assert why(moved(APPLIED + 1, by="ex_0001")) is None
    assert why(moved(APPLIED + 1, plugin_id="reports")) is None
    assert why(moved(BEGUN - 1)) is None
    assert why(moved(JUDGED + 1)) is None


def test_what_a_person_undoes_a_day_later_was_judged_before() -> None:
    """The later way back does not make the judgement longer: a change of settings after it does not count."""
    late = replace(execution(), finished_at=JUDGED + 86_400)
    steps = (*STEPS, ("rb_intent", JUDGED + 86_390), ("rolled_back", JUDGED + 86_400))
    changed = SettingChange("orders", "timeout", 5, 9, JUDGED + 3_600)
    assert why(circumstances(late, steps=steps, changes=(changed,))) is None


@pytest.mark.parametrize(
    ("requests", "code"), [(1_200, None), (1_400, None), (1_500, "ledger_load_changed"), (900, "ledger_load_changed")]
)
def test_a_forecast_is_for_the_load_it_was_made_for(requests: int, code: str | None) -> None:
    """By hand: 20/s were replayed; 12 windows of 5 s with 1,500 requests are 25/s, more than 1.2 times that."""
    assert why(judged(requests=requests)) == code


def test_the_length_of_a_window_is_read_off_the_windows() -> None:
    """By hand: 12 windows of 10 s, some of them missing between, with 2,400 requests are 20/s, what was replayed."""
    at = tuple(1_020.0 + 10 * i for i in (0, 1, 2, 5, 6, 9))
    seen = execution(verdict=verdict(requests=2_400))
    assert why(circumstances(seen, windows_at=at)) is None
    assert why(circumstances(seen)) == "ledger_load_changed"


def test_what_an_overloaded_server_served_is_not_what_was_asked_of_it() -> None:
    """Where the queue grew, more load after the change is what had waited before; less is still less."""
    overloaded = {"requests": 1_200, "span_seconds": 60.0, "queue_grows": True}
    assert why(judged(requests=1_900), **overloaded) is None
    assert why(judged(requests=900), **overloaded) == "ledger_load_changed"


def test_a_load_nobody_knows_is_no_objection() -> None:
    """Models that do not say what load they looked at, and judges that count no requests, are compared all the same."""
    assert why(judged(requests=9_999), curve=[]) is None
    assert why(judged(requests=0)) is None
    assert why(circumstances(windows_at=(), of=execution(verdict=verdict(requests=9_999)))) is None


def test_a_share_is_not_asked_for_its_load() -> None:
    """A hit ratio does not depend on how many ask."""
    hits = replace(PREDICTION, metric=Metric.CACHE_HIT_RATIO, model="miss_ratio_curve")
    seen = Verdict(Outcome.BETTER, Metric.CACHE_HIT_RATIO, 1.1, 1.0, 1.2, 0.2, 0.22, 12, 9_999, "windows")
    assert unfair(hits, proposal(), circumstances(execution(verdict=seen))) is None


def settled(at: float = JUDGED + 900, **changes: Any) -> Circumstances:
    """Return what was judged while it warmed, and looked at again at `at`."""
    warming = execution(verdict=verdict(reasons=(Message("still_warming"),)))
    return circumstances(warming, settled_at=at, **changes)


def test_what_was_judged_early_is_compared_once_it_has_settled() -> None:
    """A cache that was still filling: the later figure counts, if the change stood alone until then."""
    assert why(settled()) is None
    moved = SettingChange("orders", "timeout", 5, 9, JUDGED + 600)
    assert why(settled(changes=(moved,))) == "ledger_other_change"
    assert why(settled(JUDGED + 500, changes=(moved,))) is None


@pytest.mark.parametrize("state", ["rb_intent", "foreign", "gone"])
def test_a_change_that_was_gone_before_it_settled_is_not_compared(state: str) -> None:
    """Undone, overwritten or lost between the verdict and the later look; after it does not matter."""
    steps = (*STEPS, (state, JUDGED + 600))
    assert why(settled(steps=steps)) == "ledger_not_in_force"
    assert why(settled(JUDGED + 500, steps=steps)) is None


def test_an_early_figure_is_excused_of_nothing_else() -> None:
    """Neighbours that moved while it was judged spoil the later figure as well."""
    both = execution(verdict=verdict(reasons=(Message("still_warming"), Message("environment_adjusted"))))
    assert why(circumstances(both, settled_at=JUDGED + 900)) == "ledger_environment"


def test_the_first_lives_of_workers_say_little_of_the_next_ones() -> None:
    """Recycling that helped is compared by what comes after the first lives; one that changed nothing by what was judged."""
    goal = replace(execution().change.goal, effect_seconds=120.0)
    recycled = replace(execution(), change=replace(execution().change, goal=goal))
    assert why(circumstances(recycled)) == "ledger_first_lives"
    assert why(circumstances(recycled, settled_at=JUDGED + 900)) is None
    assert why(circumstances(replace(recycled, verdict=verdict(outcome=Outcome.SAME)))) is None
