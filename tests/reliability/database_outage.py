"""The PostgreSQL server dies without warning, again and again; connections are cut around their COMMIT."""

import contextlib
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from plugin_optimizer.domain import (
    FINAL,
    Change,
    Execution,
    ExecutionState,
    Knob,
    Message,
    Outcome,
    Plugin,
    PluginStatus,
    Proposal,
    Risk,
    SuggestionType,
    Unavailable,
)
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint
from tests import postgresql
from tests.execute.test_executor import GOAL

from .api_away import Answers, answers_while_away
from .cutting_proxy import Cut, CuttingProxy
from .house import executor_of
from .promise import Measured
from .seed import seed

LIMITS_SECONDS = (280.0, 900.0)
EXECUTIONS = {False: 30, True: 2_000}
CUTS = {False: 10, True: 200}
MOST_SECONDS = {False: 120.0, True: 480.0}
PLUGINS = 10
UP_SECONDS, DOWN_SECONDS = (2.0, 6.0), (0.1, 1.0)
FIRST, SECOND = 2, 4
HOUR_SECONDS = 3_600.0
RETRY_SECONDS = 0.1
Answer = TypeVar("Answer")


@dataclass
class Fleet:
    """Ten simulated plugins, an executor over a database that comes and goes, and a clock that its ticks turn."""

    state: SqlStateStore
    touchpoint: SimulatedTouchpoint
    now: float = 1_000.0
    ended: list[Execution] = field(default_factory=list)
    failures: int = 0

    def patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until the database answers, as a client does."""
        while True:
            try:
                return ask()
            except Unavailable:
                self.failures += 1
                time.sleep(RETRY_SECONDS)

    def rounds(self, most: int, most_seconds: float) -> int:
        """Make rounds until there are enough or the time is over; return how many."""
        began, made = time.monotonic(), 0
        while made < most and time.monotonic() - began < most_seconds:
            self.round(made)
            made += 1
        return made

    def round(self, number: int) -> None:
        """Change every plugin once, all at the same time, and follow until the last one is over."""
        before, after = (FIRST, SECOND) if number % 2 == 0 else (SECOND, FIRST)
        made = [
            self._approve(plugin_id, before, after, f"{plugin_id}-{number}") for plugin_id in self.touchpoint.plugins
        ]
        executor = executor_of(self.state, self.touchpoint, lambda: False, Outcome.BETTER)
        while True:
            with contextlib.suppress(Unavailable):
                executor.tick(self.now, self.now)
                self.now += 1.0
            present = [self.patiently(lambda e=e: self.state.execution(e.id)) for e in made]  # type: ignore[misc]
            if all(execution.state in FINAL for execution in present):
                self.ended += present
                self.now += HOUR_SECONDS
                return

    def _approve(self, plugin_id: str, before: int, after: int, key: str) -> Execution:
        change = Change(plugin_id, "workers", before, after, GOAL)
        kind = SuggestionType.INCREASE_WORKERS
        title = Message("increase_workers", {"from_workers": before, "to_workers": after})
        proposal = Proposal(plugin_id, kind, title, change, None, Risk.LOW, 0.9)
        offered = self.patiently(lambda: self.state.offer(proposal, self.now, self.now + HOUR_SECONDS))
        return self.patiently(lambda: self.state.approve(offered.id, None, "kim", key, self.now))[0]

    @property
    def effects(self) -> int:
        return sum(len(simulated.effects) for simulated in self.touchpoint.plugins.values())


def measure(deep: bool) -> list[Measured]:
    chance = random.Random(seed())
    with postgresql.running() as server:
        outages = _under_outages(server, chance, EXECUTIONS[deep], MOST_SECONDS[deep])
        away = answers_while_away(server)
        cuts = _cut_commits(server, chance, CUTS[deep])
    return [outages, _said(away), cuts]


def fleet_of(state: SqlStateStore) -> Fleet:
    plugins = {f"p{number}": Plugin(f"p{number}", "simulated") for number in range(PLUGINS)}
    for plugin in plugins.values():
        state.save_plugin(plugin, PluginStatus.ACTIVE, 0.0)
    knob = Knob("workers", FIRST, 1, 64, kind="workers")
    simulated = {name: SimulatedPlugin(plugin, {"workers": replace(knob)}) for name, plugin in plugins.items()}
    return Fleet(state, SimulatedTouchpoint(simulated))


def trouble_until(work: "Future[int]", server: postgresql.Server, chance: random.Random) -> int:
    """Stop and start the server until the work is done; return how often. Only from the main thread: it ends with it."""
    count = 0
    while not work.done():
        time.sleep(chance.uniform(*UP_SECONDS))
        server.stop_at_once()
        time.sleep(chance.uniform(*DOWN_SECONDS))
        server.start()
        count += 1
    return count


def _under_outages(server: postgresql.Server, chance: random.Random, count: int, most_seconds: float) -> Measured:
    fleet = fleet_of(open_state(server.new_state()))
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(fleet.rounds, count // PLUGINS, most_seconds)
        stops = trouble_until(work, server, chance)
        rounds = work.result()
    approved, steps = rounds * PLUGINS, abs(SECOND - FIRST)
    stored = fleet.state.executions(limit=5_000)
    lost = approved - len([e for e in stored if e.state is ExecutionState.SUCCEEDED])
    surplus = fleet.effects - approved * steps
    right = SECOND if rounds % 2 else FIRST
    wrong = sum(s.knobs["workers"].value != right for s in fleet.touchpoint.plugins.values())
    entries = fleet.state.verify_audit()
    fleet.state.close()
    sys.stdout.write(f"{fleet.failures} calls failed, {entries} entries of the audit fit, {wrong} values are wrong\n")
    return Measured(
        "C04 the database goes and comes", f"{approved} executions, the server stopped {stops} times",
        f"{lost} lost, {surplus} effects too many, {wrong} wrong values", "0, 0, 0",
        approved >= PLUGINS and stops > 0 and (lost, surplus, wrong) == (0, 0, 0),
    )  # fmt: skip


def _said(away: Answers) -> Measured:
    return Measured(
        "C04 the API says so at once", f"{away.asked} requests while the database was away",
        f"{away.right} answered 503 with Retry-After, the slowest in {away.slowest_seconds:.2f} s", "all, <= 2 s",
        away.right == away.asked > 0 and away.slowest_seconds <= 2.0 and away.back,
    )  # fmt: skip


def _cut_commits(server: postgresql.Server, chance: random.Random, count: int) -> Measured:
    """Approve through the proxy with one key, as often as it takes; each makes one execution."""
    url = server.new_state()
    proxy, direct = CuttingProxy(server.port), open_state(url)
    fleet = fleet_of(open_state(url.replace(f":{server.port}/", f":{proxy.port}/")))
    unknown = wrong = 0
    for number in range(count):
        plugin_id = f"x{number}"
        change = Change(plugin_id, "workers", FIRST, SECOND, GOAL)
        title = Message("increase_workers", {"from_workers": FIRST, "to_workers": SECOND})
        proposal = Proposal(plugin_id, SuggestionType.INCREASE_WORKERS, title, change, None, Risk.LOW, 0.9)
        offered = direct.offer(proposal, fleet.now, fleet.now + HOUR_SECONDS)
        proxy.cut_next(chance.choice((Cut.BEFORE_COMMIT, Cut.BEFORE_ANSWER)))
        failures = fleet.failures
        execution, _ = fleet.patiently(
            lambda: fleet.state.approve(offered.id, 1, "kim", f"key{plugin_id}", fleet.now)  # noqa: B023
        )
        unknown += fleet.failures > failures
        wrong += [e.id for e in direct.executions(plugin_id)] != [execution.id]
    fleet.state.close()
    direct.close()
    proxy.close()
    return Measured(
        "C04 an answer that was lost", f"{proxy.cuts} connections cut at COMMIT, {unknown} clients told nothing",
        f"{wrong} approvals with other than one execution", "0", wrong == 0 and proxy.cuts == unknown == count,
    )  # fmt: skip
