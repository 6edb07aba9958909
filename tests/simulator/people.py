"""People and planners of the simulated world: they offer, click, click again, ask for the way back."""

import math
import random
from dataclasses import dataclass, field

import sqlalchemy.exc

from plugin_optimizer.domain import (
    FINAL,
    Change,
    Conflict,
    Direction,
    ExecutionState,
    Goal,
    Message,
    Metric,
    OptimizerError,
    Proposal,
    Purpose,
    Risk,
    Suggestion,
    SuggestionType,
)

from .faults import Crash
from .plant import MOST_WORKERS, Service
from .watch import way_of
from .world import World

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
TRIES = 4
CLOSED, CLOSERS = 0.04, 4  # how often somebody closes what needs an operator; only in every fourth run
SNOOZED, SNOOZERS = 0.3, 5  # how often somebody lets a suggestion wait before it is clicked; only in every fifth run


@dataclass(frozen=True, slots=True)
class Click:
    """One approval as a client sends it; it is sent again with the same key until it is answered."""

    suggestion_id: str
    revision: int
    actor: str
    key: str | None


@dataclass(slots=True)
class People:
    """`answers` are the approvals that were acknowledged: which execution each was told."""

    world: World
    answers: dict[Click, str] = field(default_factory=dict)
    clicks: int = 0
    closing: random.Random | None = field(init=False)  # of its own: the other runs stay what they were
    snoozing: random.Random | None = field(init=False)

    def __post_init__(self) -> None:
        self.closing = random.Random(self.world.seed) if self.world.seed % CLOSERS == CLOSERS - 1 else None
        self.snoozing = random.Random(self.world.seed) if self.world.seed % SNOOZERS == SNOOZERS - 1 else None

    def act(self) -> None:
        """Do what somebody does in this moment, if anything."""
        world = self.world
        if world.chance.random() < 0.15:
            self._suggest(world.chance.choice(list(world.plant.services.values())))
        if world.happens(world.mix.rollback_asked):
            self._ask_rollback()
        if self.closing is not None and world.troubled and self.closing.random() < CLOSED:
            self._close()

    def _suggest(self, service: Service) -> None:
        if not service.alive or self.world.watch.open_execution(service.plugin.plugin_id) is not None:
            return
        before = service.workers
        after = before + self.world.chance.choice((-3, -2, -1, 1, 2, 3))
        if not 1 <= after <= MOST_WORKERS or service.coming:
            return
        world = self.world
        suggestion = self._offer(service, before, after)
        if suggestion is None:
            return
        service.foreign = None  # what somebody set is where this change begins
        ready = world.steady + world.chance.choice((20.0, 40.0, 60.0, math.inf))
        world.expected[service.plugin.plugin_id] = (before, ready)
        if self.snoozing is not None and self.snoozing.random() < SNOOZED:
            self._snooze(suggestion, self.snoozing)
        for number in range(world.chance.choice((1, 2, 4))):
            self._click(suggestion, number)

    def _offer(self, service: Service, before: int, after: int) -> Suggestion | None:
        kind = SuggestionType.INCREASE_WORKERS if after > before else SuggestionType.DECREASE_WORKERS
        title = Message(kind, {"from_workers": before, "to_workers": after})
        change = Change(service.plugin.plugin_id, "workers", before, after, GOAL)
        proposal = Proposal(service.plugin.plugin_id, kind, title, change, None, Risk.LOW, 0.9)
        try:
            return self.world.store.offer(proposal, self.world.wall, self.world.wall + 3600.0)
        except (sqlalchemy.exc.OperationalError, OptimizerError, Crash):
            return None

    def _snooze(self, suggestion: Suggestion, chance: random.Random) -> None:
        """Let it wait; click all the same, as from an old page; mostly wake it in the end."""
        world = self.world
        try:
            world.store.snooze(suggestion.id, world.wall + 3600.0, 0.25, "", "person0", world.wall)
            click = Click(suggestion.id, suggestion.revision, "person9", None)
            if self.send(click) is not None:
                world.ledger.violate(world.steady, "a", f"{suggestion.id} was snoozed and executed all the same")
            if chance.random() < 0.9:
                world.store.wake(suggestion.id, "person0", world.wall)
        except (OptimizerError, sqlalchemy.exc.OperationalError, Crash):
            return

    def _click(self, suggestion: Suggestion, number: int) -> None:
        chance = self.world.chance
        self.clicks += 1
        key = None if chance.random() < 0.3 else f"k{self.clicks}"
        click = Click(suggestion.id, suggestion.revision, f"person{number}", key)
        for _ in range(1 if key is None else TRIES):
            answered = self.send(click) is not None
            if answered and chance.random() < 0.8:
                return

    def send(self, click: Click) -> str | None:
        """Approve; return the execution that was answered, None where no answer came or it was refused."""
        world = self.world
        world.approving = True
        try:
            execution, _ = world.store.approve(click.suggestion_id, click.revision, click.actor, click.key, world.wall)
        except (Crash, sqlalchemy.exc.OperationalError):
            return None
        except Conflict as refusal:
            if click.key is not None and click in self.answers:
                world.ledger.violate(world.steady, "b", f"a retry of {click.key} was refused: {refusal.code}")
            return None
        finally:
            world.approving = False
        world.ledger.note(world.steady, f"approved {execution.change.plugin_id} {execution.change.after}")
        known = self.answers.setdefault(click, execution.id)
        if known != execution.id and click.key is not None:
            world.ledger.violate(world.steady, "b", f"a retry of {click.key} was answered with another execution")
        return execution.id

    def _ask_rollback(self) -> None:
        present = self.world.store.executions(limit=3)
        if not present:
            return
        kept = [execution for execution in present if execution.state is ExecutionState.SUCCEEDED]
        execution = self.world.chance.choice(kept or list(present))
        try:
            self.world.store.ask_rollback(execution.id, "person0", self.world.wall)
        except (sqlalchemy.exc.OperationalError, Crash):
            if self.world.store.execution(execution.id).state is execution.state:
                return  # else it was recorded, and only the answer was lost
        except OptimizerError:
            return
        service = self.world.plant.services[execution.change.plugin_id]
        ends = (execution.change.before, execution.change.after)
        asked_in_view = execution.state is ExecutionState.NEEDS_OPERATOR
        if service.workers in (way_of(execution.change) if asked_in_view else ends):
            service.foreign = None  # the way back from this very value: their word
        self.world.ledger.note(self.world.steady, f"rollback asked from {execution.state in FINAL}")

    def _close(self) -> None:
        """Look at what the engine gave up, and leave it; sometimes at what it did not give up."""
        world = self.world
        try:
            waiting = world.store.needing_person(limit=3) or world.store.executions(limit=1)
            if waiting:
                execution, fresh = world.store.close_execution(
                    waiting[0].id, "person0", "as meant", None, None, world.wall
                )
                if fresh and execution in world.store.needing_person():
                    world.ledger.violate(world.steady, "h", f"{execution.id} was closed and still waits for a person")
        except (OptimizerError, sqlalchemy.exc.OperationalError, Crash):
            return
