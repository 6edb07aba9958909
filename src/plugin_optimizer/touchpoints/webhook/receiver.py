"""The other side: whatever the operator wrote that reads and turns, over HTTP or as a command."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .documents import Question

MOST_ANSWER_BYTES = 64 * 1024


class Outcome(StrEnum):
    """What the other side says of what it did. Of an order that is no evidence: the next look is."""

    DONE = "done"
    REFUSED = "refused"  # nothing happened, it says
    ABSENT = "absent"  # what it stands for does not run, it says
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is the document it answered with, `said` the whole of it in one line for people."""

    outcome: Outcome
    body: bytes
    said: str


class Receiver(Protocol):
    def ask(self, question: Question, order: str) -> Reply:
        """Put the question and return the answer. `order` is what an order is called, "" for a question that is none.

        Raises Gone where nobody is there to be asked, Unobservable where no whole answer came: what was asked for may
        have been done all the same.
        """
        ...
