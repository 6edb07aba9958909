"""One run: minutes of trouble, then peace until everything has come to its end, then the reckoning."""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from unittest import mock

from plugin_optimizer.domain import TRANSITIONS, Conflict, ExecutionState
from plugin_optimizer.execute import crashpoints
from plugin_optimizer.knowledge import identifiers

from .ledger import Ledger
from .people import People
from .world import World, all_final

MOMENTS = 160
PEACE_SECONDS = 4 * 3_600.0
NEEDS_OPERATOR = ExecutionState.NEEDS_OPERATOR.value
JUMPS_SECONDS = (-3_600.0, -120.0, -5.0, 5.0, 120.0, 3_600.0)


@dataclass(slots=True)
class SeededBits:
    """Stands for the `secrets` module while identifiers are drawn."""

    chance: random.Random

    def randbits(self, count: int) -> int:
        return self.chance.getrandbits(count)


@contextmanager
def _taken_over(world: World) -> Iterator[None]:
    """Let the world decide what happens at crash points, draw identifiers from the seed, keep the log quiet."""
    bits = mock.patch.object(identifiers, "secrets", SeededBits(random.Random(world.seed)))
    hook = mock.patch.object(crashpoints, "hook", world.at_point)
    quiet = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # faults are meant here; the trace tells them
    try:
        with bits, hook:
            yield
    finally:
        logging.disable(quiet)


def run(seed: int) -> Ledger:
    """Return what happened with this seed; the same lines every time."""
    world = World(seed)
    people = People(world)
    with _taken_over(world):
        for _ in range(MOMENTS):
            _trouble(world, people)
        _peace(world)
        _reckon(world, people)
    world.store.close()
    return world.ledger


def _trouble(world: World, people: People) -> None:
    chance, mix = world.chance, world.mix
    world.pass_time(chance.choice((0.25, 0.25, 0.5, 1.0, 2.0)))
    people.act()
    if world.happens(mix.foreign):
        world.foreign_hand()
    if world.happens(mix.stop):
        world.stop()
    if world.happens(mix.clock_jump):
        world.jumped += chance.choice(JUMPS_SECONDS)
        world.ledger.count("clock jumps")
        world.ledger.note(world.steady, f"clock shows {world.jumped:+.0f}")
    if world.happens(mix.death):
        service = chance.choice(list(world.plant.services.values()))
        if service.alive:
            world.plant.kill(service, chance.choice((2.0, 15.0, 60.0)))
            world.ledger.count("deaths")
    world.tick(chance.randrange(len(world.instances)))


def _peace(world: World) -> None:
    """Let no more go wrong; heal, release the emergency stop, and go on until nothing is open."""
    world.troubled = False
    world.plant.mix = type(world.mix)(*([0.0] * 13))
    world.plant.heal()
    if world.stopped:
        world.stop()
    end = world.steady + PEACE_SECONDS
    while not all_final(world) and world.steady < end:
        world.pass_time(2.0)
        world.tick(0)
    for _ in range(24):
        world.pass_time(5.0)
        world.tick(0)


def _reckon(world: World, people: People) -> None:
    ledger, store, at = world.ledger, world.store, world.steady
    for execution in store.executions(open_only=True):
        ledger.violate(at, "b", f"{execution.change.plugin_id} is {execution.state} for ever")
    for click in list(people.answers):
        if click.key is not None and people.send(click) is None:
            ledger.violate(at, "b", f"the approval {click.key} was acknowledged and is lost")
    _check_one_execution_each(world, people)
    _check_kept(world)
    _check_audit(world)
    ledger.count("executions", len(store.executions()))
    ledger.count("approvals acknowledged", len(people.answers))
    for execution in store.executions():
        ledger.count(f"ended {execution.state}")


def _check_one_execution_each(world: World, people: People) -> None:
    told: dict[tuple[str, int], set[str]] = {}
    for click, execution_id in people.answers.items():
        told.setdefault((click.suggestion_id, click.revision), set()).add(execution_id)
    for answers in told.values():
        if len(answers) > 1:
            world.ledger.violate(world.steady, "a", "one suggestion was executed twice")


def _check_kept(world: World) -> None:
    """A kept value runs in the end, or was let go because somebody else set another."""
    for desired in world.store.desired():
        service = world.plant.services[desired.plugin_id]
        if service.workers != desired.value:
            world.ledger.violate(
                world.steady, "b", f"{desired.plugin_id} runs {service.workers}, {desired.value} is kept"
            )


def _check_audit(world: World) -> None:
    store = world.store
    try:
        store.verify_audit()
    except Conflict as broken:
        world.ledger.violate(world.steady, "h", str(broken))
    entries = [e for e in _audit(world) if e[0].startswith("execution.")]
    for execution in store.executions():
        states = [state for state, _, _, _ in store.steps(execution.id)]
        audited = [action.removeprefix("execution.") for action, subject in entries if subject == execution.id]
        audited = [NEEDS_OPERATOR if action == "closed" else action for action in audited]  # closing changes no state
        if states != audited:
            world.ledger.violate(world.steady, "h", f"{len(states)} changes of state have {len(audited)} audit rows")
        for before, after in pairwise(states):
            if before != after and ExecutionState(after) not in TRANSITIONS[ExecutionState(before)]:
                world.ledger.violate(world.steady, "h", f"{after} followed {before}")


def _audit(world: World) -> list[tuple[str, str]]:
    """Return action and subject of every entry, oldest first."""
    found: list[tuple[str, str]] = []
    before = None
    while page := world.store.audit(500, before):
        found += [(entry.action, entry.subject) for entry in page]
        before = page[-1].number
    return found[::-1]
