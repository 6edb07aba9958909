"""Delivers what is due to one channel: at least once, no faster than once a second, later and later where it fails."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..domain import DeliveryRefused, Dispatch, DispatchState, Letter, Undelivered
from .channels import ReadyChannel
from .letters import letter_of
from .secret import without
from .settings import Notify

log = logging.getLogger(__name__)
IN_HAND_SECONDS = 60.0  # a send ends within 15 s; whoever has not settled by then has died
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 5.0, 1800.0
ANSWER_CHARACTERS = 500


class OutboxOfChannel(Protocol):
    """The part of the outbox that a courier needs."""

    def claim_dispatch(
        self, channel: str, fence: int, at: float, until: float, most_per_hour: int
    ) -> Dispatch | None: ...
    def settle_dispatch(
        self, dispatch: Dispatch, state: DispatchState, answer: str, at: float, due_at: float | None = None
    ) -> None: ...


@dataclass(slots=True)
class Courier:
    """Of one channel. `clock` gives Unix seconds."""

    outbox: OutboxOfChannel
    channel: ReadyChannel
    settings: Notify
    fence: int
    clock: Callable[[], float]
    chance: random.Random = field(default_factory=random.Random)

    def deliver(self) -> bool:
        """Send what is due next; tell whether there was something. Raises Stale where another runner took over."""
        at = self.clock()
        rules = self.channel.rules
        taken = self.outbox.claim_dispatch(self.channel.name, self.fence, at, at + IN_HAND_SECONDS, rules.most_per_hour)
        if taken is None:
            return False
        self._send(taken)
        return True

    def _send(self, taken: Dispatch) -> None:
        try:
            answer = deliver_letter(self.channel, letter_of(taken, self.channel.rules, self.settings))
        except DeliveryRefused as refusal:
            self._give_up(taken, str(refusal))
        except Undelivered as failure:
            self._later(taken, failure)
        else:
            self.outbox.settle_dispatch(taken, DispatchState.DELIVERED, answer, self.clock())

    def _later(self, taken: Dispatch, failure: Undelivered) -> None:
        now = self.clock()
        due_at = now + max(backoff_seconds(taken.attempts, self.chance), failure.retry_after_seconds or 0.0)
        if due_at >= taken.gives_up_at:
            self._give_up(taken, str(failure))
            return
        log.warning("the message %s to %s: %s; again in %.0f s", taken.id, self.channel.name, failure, due_at - now)
        self.outbox.settle_dispatch(taken, DispatchState.WAITING, str(failure), now, due_at)

    def _give_up(self, taken: Dispatch, answer: str) -> None:
        log.error("the message %s to %s is given up: %s", taken.id, self.channel.name, answer)
        self.outbox.settle_dispatch(taken, DispatchState.GIVEN_UP, answer, self.clock())


def deliver_letter(channel: ReadyChannel, letter: Letter) -> str:
    """Send a letter and return the answer, with no secret in it. Raises DeliveryRefused, Undelivered, nothing else."""
    try:
        return _clean(channel, channel.notifier.send(letter))
    except DeliveryRefused as refusal:
        raise DeliveryRefused(_clean(channel, str(refusal))) from None
    except Undelivered as failure:
        raise Undelivered(_clean(channel, str(failure)), failure.retry_after_seconds) from None
    except Exception as error:  # noqa: BLE001 - a notifier of somebody else: its fault is on record, and the loop goes on
        raise Undelivered(_clean(channel, f"{type(error).__name__}: {error}")) from None


def backoff_seconds(attempts: int, chance: random.Random) -> float:
    """Return how long to wait after so many attempts: 5 s, doubled each time up to half an hour, the upper half by chance."""
    longest = min(FIRST_RETRY_SECONDS * 2.0 ** min(attempts - 1, 20), LONGEST_RETRY_SECONDS)
    return longest * chance.uniform(0.5, 1.0)


def _clean(channel: ReadyChannel, text: str) -> str:
    return without(text, channel.revealed())[:ANSWER_CHARACTERS]
