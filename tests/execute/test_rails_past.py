"""What the rails are given to look at: as much of the past as still counts, page by page, and the world as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from plugin_optimizer.contracts import StateStore
from plugin_optimizer.domain import (
    FINAL,
    Cycle,
    Execution,
    ExecutionState,
    Knob,
    Message,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
)
from plugin_optimizer.execute.rails_past import LEAST_BACK_SECONDS, PAGE, barred, past_of
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .rails_cases import NOW, change, execution

State = ExecutionState
POLICY = Policy(settle_seconds=10.0, verify_seconds=20.0, switchback_seconds=5.0, cooldown_seconds=30.0)
LONG = Policy(settle_seconds=100.0, verify_seconds=200.0, switchback_seconds=50.0, cooldown_seconds=300.0)
ORDERS = Plugin("orders", "simulated")


@dataclass
class Pages:
    """Executions in memory, newest first, handed out in pages as the store does; `asked` counts the pages."""

    kept: list[Execution] = field(default_factory=list)
    cycle: Cycle | None = None
    statuses: dict[str, PluginStatus] = field(default_factory=lambda: {"orders": PluginStatus.ACTIVE})
    asked: int = 0

    def executions(
        self, plugin_id: str | None = None, open_only: bool = False, limit: int = 500, after: str | None = None
    ) -> Sequence[Execution]:
        self.asked += 1
        newest = sorted(self.kept, key=lambda e: (e.created_at, e.id), reverse=True)
        ids = [e.id for e in newest]
        rest = newest[ids.index(after) + 1 :] if after is not None else newest
        found = [e for e in rest if plugin_id in (None, e.change.plugin_id) and not (open_only and e.state in FINAL)]
        return found[:limit]

    def plugins(self) -> Sequence[tuple[Plugin, PluginStatus, float]]:
        return [(Plugin(name, "simulated"), status, NOW) for name, status in self.statuses.items()]

    def latest_cycle(self) -> Cycle | None:
        return self.cycle


def store(pages: Pages) -> StateStore:
    return cast("StateStore", pages)


def ids(pages: Pages, policies: Policies, plugin_id: str | None = None) -> set[str]:
    found = past_of(store(pages), policies, NOW, plugin_id).executions
    assert len({e.id for e in found}) == len(found)
    return {e.id for e in found}


@pytest.mark.parametrize("policies", [Policies(LONG), Policies(POLICY, {"mail": LONG})])
def test_the_past_goes_back_to_what_can_still_rest(policies: Policies) -> None:
    """Two hours, and the longest that any policy lets a change take and rest; to the second."""
    longest = 100.0 + 200.0 + 50.0 + 300.0
    edge, beyond = NOW - LEAST_BACK_SECONDS - longest, NOW - LEAST_BACK_SECONDS - longest - 1.0
    pages = Pages([execution(1, edge, change(plugin_id="a")), execution(2, beyond, change(plugin_id="a"))])
    assert ids(pages, policies) == {"ex_00001"}


def test_what_is_open_counts_however_old_and_of_the_plugin_its_last_hundred() -> None:
    """Each once, whichever way it was found."""
    years = NOW - 1e8
    pages = Pages([execution(i, years + i, change()) for i in range(120)])
    pages.kept.append(execution(500, years, change(plugin_id="mail"), State.VERIFYING))
    pages.kept.append(execution(501, NOW, change(), State.VERIFYING))
    assert ids(pages, Policies(POLICY)) == {"ex_00500", "ex_00501"}
    own = {f"ex_{i:05}" for i in range(21, 120)}
    assert ids(pages, Policies(POLICY), "orders") == {"ex_00500", "ex_00501"} | own


def test_all_that_is_open_is_asked_for_and_of_one_plugin_only_its_own() -> None:
    """However many are open; and the last hundred of a plugin are not lost among those of the others."""
    years = NOW - 1e8
    pages = Pages([execution(i, years + i, change(plugin_id="mail"), State.VERIFYING) for i in range(600)])
    assert len(ids(pages, Policies(POLICY))) == 600
    pages.kept.append(execution(900, years - 1.0, change()))
    assert "ex_00900" in ids(pages, Policies(POLICY), "orders")


@pytest.mark.parametrize("count", [PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1])
def test_pages_are_turned_until_the_past_is_over(count: int) -> None:
    """None is missed and none read twice at the edge of a page, and no page too many is asked for."""
    pages = Pages([execution(i, NOW - i, change(plugin_id="a")) for i in range(count)])
    assert len(ids(pages, Policies(POLICY))) == count
    assert pages.asked == 1 + count // PAGE + 1
    old = [execution(10_000 + i, NOW - 1e8 - i, change(plugin_id="a")) for i in range(3 * PAGE)]
    pages = Pages([*pages.kept, *old])
    assert len(ids(pages, Policies(POLICY))) == count
    assert pages.asked == 1 + count // PAGE + 1


def test_the_fleet_is_as_it_stands() -> None:
    """Plugins with their status; when the loop looked last, None where it never did."""
    pages = Pages(statuses={"orders": PluginStatus.ACTIVE, "mail": PluginStatus.UNKNOWN})
    past = past_of(store(pages), Policies(POLICY), NOW)
    assert past.plugins == {"orders": ORDERS, "mail": Plugin("mail", "simulated")}
    assert past.statuses == {"orders": PluginStatus.ACTIVE, "mail": PluginStatus.UNKNOWN}
    assert past.looked_at is None
    pages.cycle = Cycle(7, NOW - 5.0, 0.1, 2, 40)
    assert past_of(store(pages), Policies(POLICY), NOW).looked_at == NOW - 5.0


def world(workers: int = 4) -> SimulatedTouchpoint:
    knobs = {"threads": Knob("threads", 2, 1, 8), "workers": Knob("workers", workers, 1, 64, kind="workers")}
    return SimulatedTouchpoint({"orders": SimulatedPlugin(ORDERS, knobs)})


def asked(pages: Pages, touchpoint: SimulatedTouchpoint, own: Execution, policies: Policies) -> Message | None:
    return barred(store(pages), touchpoint, ORDERS, own, policies, NOW)


def test_what_an_execution_may_not_do_is_said() -> None:
    """Its policy, its own past, its knob as it is now, and who approved it; its own record is not in its way."""
    own = replace(execution(7, NOW, change(4, 5), State.CLAIMED, by="kim"), change=change(4, 5))
    pages, rest = Pages([own]), Policies(replace(POLICY, cooldown_seconds=60.0))
    assert asked(pages, world(), own, rest) is None
    narrow = Policies(POLICY, {"orders": replace(POLICY, max_workers=4)})
    refused = asked(pages, world(), own, narrow)
    assert refused is not None
    assert refused.code == "out_of_bounds"
    pages.kept.append(execution(1, NOW - 20.0, change(3, 4)))
    assert asked(pages, world(), own, rest) == Message("rail_cooldown", {"rest_seconds": 40.0})
    far = replace(own, change=change(2, 4))
    assert asked(Pages([far]), world(2), far, Policies(POLICY)) is None
    by_itself = replace(far, approved_by="policy")
    assert asked(Pages([by_itself]), world(2), by_itself, Policies(POLICY)) == Message(
        "rail_step", {"knob": "workers", "before": 2, "after": 4}
    )


def test_a_plugin_that_cannot_be_read_is_not_changed() -> None:
    """In its own words; nor is one whose knob is no more."""
    own, touchpoint = execution(7, NOW, change(4, 5), State.CLAIMED), world()
    touchpoint.plugins["orders"].unreadable = True
    assert asked(Pages([own]), touchpoint, own, Policies(POLICY)) == Message(
        "plugin_unreadable", {"detail": "orders cannot be read"}
    )
    bare = SimulatedTouchpoint({"orders": SimulatedPlugin(ORDERS, {"threads": Knob("threads", 2, 1, 8)})})
    assert asked(Pages([own]), bare, own, Policies(POLICY)) == Message("knob_missing", {"knob": "workers"})
