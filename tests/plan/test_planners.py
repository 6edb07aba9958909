"""Every built-in planner keeps the contract that is shipped for others."""

from collections.abc import Callable, Sequence

import numpy as np
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
    think,
)

from plugin_optimizer.contracts import Planner
from plugin_optimizer.domain import Finding, Fleet, Policy, Window
from plugin_optimizer.plan import (
    PLANNERS,
    CachePlanner,
    ErrorPlanner,
    LeakPlanner,
    ResponseTimePlanner,
    StatusPlanner,
    WorkersPlanner,
)
from plugin_optimizer.testing.planner_contract import PlannerContract

Case = tuple[Window, Sequence[Finding], Fleet]


def case_of(make: Callable[[np.random.Generator], Service]) -> Case:
    window, fleet = office([make(np.random.default_rng(0)), menu(np.random.default_rng(1))], START + 120.0)
    return window, think(window, fleet).findings, fleet


class TestWorkersUp(PlannerContract):
    def planner(self) -> Planner:
        return WorkersPlanner()

    def case(self) -> Case:
        return case_of(orders)


class TestWorkersDown(PlannerContract):
    def planner(self) -> Planner:
        return WorkersPlanner()

    def case(self) -> Case:
        return case_of(reports)


class TestCachePlanner(PlannerContract):
    def planner(self) -> Planner:
        return CachePlanner()

    def case(self) -> Case:
        return case_of(recommendations)


class TestLeakPlanner(PlannerContract):
    def planner(self) -> Planner:
        return LeakPlanner()

    def case(self) -> Case:
        return case_of(reservations)


class TestErrorPlanner(PlannerContract):
    def planner(self) -> Planner:
        return ErrorPlanner()

    def case(self) -> Case:
        return case_of(inventory)


class TestStatusPlanner(PlannerContract):
    def planner(self) -> Planner:
        return StatusPlanner()

    def case(self) -> Case:
        return case_of(loyalty)


def slow_dependency(rng: np.random.Generator) -> Service:
    """Half a second of waiting for something else, and workers enough."""
    arrival = poisson(rng, 6.0, 120.0)
    trace = record(arrival, rng.gamma(4.0, 0.5 / 4, len(arrival)), 12)
    return Service("slow", 12, trace, Policy(response_time_seconds=0.4, sustain_seconds=15.0))


class TestResponseTimePlanner(PlannerContract):
    def planner(self) -> Planner:
        return ResponseTimePlanner()

    def case(self) -> Case:
        return case_of(slow_dependency)


def test_planners_are_listed_by_their_names() -> None:
    """The key is the name the planner gives itself."""
    assert [make().name for make in PLANNERS.values()] == list(PLANNERS)
