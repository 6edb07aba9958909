"""Two values of a knob in turn, in an order that was drawn before: the record of a switchback."""

from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Self

from .errors import InvalidValue


class Arm(StrEnum):
    """Which of the two values of a change is in force."""

    BEFORE = "before"
    AFTER = "after"


ORDERS = ((Arm.BEFORE, Arm.AFTER), (Arm.AFTER, Arm.BEFORE))


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time under one arm (Unix seconds): from when its value was seen in force to its end."""

    arm: Arm
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The plan of a switchback and the blocks that are over, in order of time.

    Blocks come in pairs of one arm each. What came in the first `dropped_seconds` of a block is not looked at;
    `turn_seconds` is how long turning from one arm to the other may take. `began` is when the block under way began,
    None while the knob is being turned. Raises InvalidValue for blocks that do not follow the order of the seed, and for
    less than one pair.
    """

    seed: int
    pairs: int
    block_seconds: float
    dropped_seconds: float
    turn_seconds: float = 0.0
    blocks: tuple[Block, ...] = ()
    began: float | None = None

    def __post_init__(self) -> None:
        if self.pairs < 1:
            raise InvalidValue(f"a comparison has at least one pair, not {self.pairs}")
        found = tuple(block.arm for block in self.blocks)
        if found != self.order[: len(found)]:
            raise InvalidValue(f"blocks under {', '.join(found)} are not in the order of seed {self.seed}")

    @property
    def order(self) -> tuple[Arm, ...]:
        """Return the arm of each of the 2·`pairs` blocks."""
        return tuple(arm for pair in range(self.pairs) for arm in order_of_pair(self.seed, pair))

    @property
    def seconds(self) -> float:
        """Return how long it takes in all."""
        return 2 * self.pairs * (self.block_seconds + self.turn_seconds)

    @property
    def finished(self) -> bool:
        return len(self.blocks) >= 2 * self.pairs

    @property
    def next_arm(self) -> Arm | None:
        """Return the arm whose block comes next (or is under way); None when all are over."""
        return None if self.finished else self.order[len(self.blocks)]

    def begin(self, at: float) -> Self:
        """Return the comparison with the next block under way. Raises InvalidValue when one is, or all are over."""
        if self.finished or self.began is not None:
            raise InvalidValue("a block begins when the one before is over, and only as many as were planned")
        return replace(self, began=at)

    def end(self, at: float) -> Self:
        """Return the comparison with the block under way on record. Raises InvalidValue when none is."""
        return replace(self, blocks=self.seen_until(at), began=None)

    def seen_until(self, now: float) -> tuple[Block, ...]:
        """Return all blocks, the one under way as if it ended now."""
        arm = self.next_arm
        if arm is None or self.began is None:
            raise InvalidValue("no block is under way")
        return (*self.blocks, Block(arm, self.began, now))


def order_of_pair(seed: int, pair: int) -> tuple[Arm, Arm]:
    """Return the order of the arms in one pair: a fair coin of its own for each pair.

    Independent coins make the signed ranks of the pairs exact whatever else goes on; an order balanced to the last
    pair would not. A hash and no generator of numbers, so that the same seed means the same order in all versions.
    """
    return ORDERS[sha256(f"{seed}/{pair}".encode()).digest()[0] & 1]
