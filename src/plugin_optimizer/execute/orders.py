"""What a touchpoint is told to do, and the authority it is told with."""

from dataclasses import dataclass
from typing import Self

from ..domain import Execution, Plugin, Value


@dataclass(frozen=True, slots=True, order=True)
class Fence:
    """How new an order is; of two, the one that compares higher. Fences of a plugin only grow.

    `execution` is the fence of the record that announces the order; every durable write raises it. Keeping a proven
    value has no record of its own under way: it goes with the fence of the execution that proved it, then the
    `lease` of the runner, then the `number` of its order. So it ranks above all that this execution did, below
    everything a later one writes, and of two runners the later one wins.
    """

    execution: int = 0
    lease: int = 0
    number: int = 0

    @classmethod
    def of(cls, execution: Execution) -> Self:
        return cls(execution.fence)

    def __str__(self) -> str:
        return f"{self.execution}.{self.lease}.{self.number}"


@dataclass(frozen=True, slots=True)
class Order:
    """One step of `knob` towards `to`, or `to` made to last.

    `seen` is the value it was decided on: it is carried out only while that runs (None: whatever runs). `back` says
    that it undoes something: the emergency stop does not hold it up.
    """

    plugin: Plugin
    knob: str
    to: Value
    fence: Fence
    seen: Value | None = None
    back: bool = False

    @property
    def name(self) -> str:
        """Return what tells this order from every other, for a target that is to carry out each of them once."""
        return f"{self.plugin.plugin_id}:{self.fence}"
