"""In automatic mode a plan goes no further than one step may go, and says that it is the first of several."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from backoffice import START, Service, office, orders, recommendations, record, reports, think
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Knob, Mode, Policy, Proposal, Risk
from plugin_optimizer.models.pace import first_step, too_far

AUTOMATIC = Policy(mode=Mode.AUTOMATIC)
SIZES = st.integers(1, 10**9)


def proposed(service: Service, mode: Mode, cores: float = 2.0) -> Proposal:
    service = replace(service, policy=replace(service.policy, mode=mode), cores=cores)
    (proposal,) = think(*office([service], START + 120.0)).of(service.plugin_id)
    return proposal


def values(proposal: Proposal) -> tuple[int, int]:
    change = proposal.change
    assert change is not None
    return int(change.before), int(change.after)


def crowded(rng: np.random.Generator) -> Service:
    """Orders whose bank takes longer: two workers are far too few."""
    service = orders(rng)
    return replace(service, trace=record(service.trace.arrival, service.trace.wall * 1.6, 2, cpu=0.002))


@settings(deadline=None)
@given(SIZES, SIZES, st.integers(1, 1000))
def test_a_first_step_is_one_that_the_rails_let_pass(before: int, wanted: int, step: int) -> None:
    """It goes the right way, at least one step of the knob, never beyond what is wanted, never too far."""
    to = first_step(AUTOMATIC, Knob("size", before, step=step), before, wanted)
    assert not too_far(before, to, step)
    assert min(before, wanted) <= to <= max(before, wanted)
    assert (to == before) is (wanted == before)
    assert first_step(Policy(mode=Mode.APPROVE), Knob("size", before, step=step), before, wanted) == wanted


@pytest.mark.parametrize(("make", "unit"), [(crowded, "workers"), (reports, "workers"), (recommendations, "entries")])
def test_automatic_mode_plans_a_first_step_and_a_person_gets_the_whole_way(
    make: Callable[[np.random.Generator], Service], unit: str
) -> None:
    """The same service in both modes: the step lies on the way, is predicted itself, and names where the way leads."""
    whole = proposed(make(np.random.default_rng(1)), Mode.APPROVE)
    step = proposed(make(np.random.default_rng(1)), Mode.AUTOMATIC)
    (before, wanted), (start, after) = values(whole), values(step)
    assert start == before
    assert too_far(before, wanted, 1)
    assert not too_far(before, after, 1)
    (way,) = [
        {name: value for name, value in m.params.items() if name != "knob"}
        for m in step.evidence
        if m.code == "first_step"
    ]
    assert way == {"before": before, "after": after, "wanted": wanted}
    assert step.details[f"wanted_{unit}"] == wanted
    assert step.title.params[f"to_{unit}"] == after
    assert step.prediction != whole.prediction
    assert not any(m.code == "first_step" for m in whole.evidence)


def test_a_first_step_of_a_way_that_ends_well_is_of_low_risk() -> None:
    """Two to three workers on the way to more: less than the SLO asks for, and still safe to do."""
    step = proposed(crowded(np.random.default_rng(1)), Mode.AUTOMATIC)
    assert values(step) == (2, 3)
    assert (step.risk, step.confidence >= 0.7) == (Risk.LOW, True)


def test_nobody_is_offered_more_workers_than_the_cores_allow() -> None:
    """Half a core, waits of a bank: the rail ends sync workers at 3, so nothing beyond is offered to anybody."""
    assert values(proposed(crowded(np.random.default_rng(3)), Mode.APPROVE, cores=2.0))[1] > 3
    assert values(proposed(crowded(np.random.default_rng(3)), Mode.APPROVE, cores=0.5))[1] == 3
