"""What the rails look at: one change that is to be made, and what was done lately."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..domain import (
    FINAL,
    Change,
    Execution,
    ExecutionState,
    Knob,
    Plugin,
    PluginStatus,
    Policy,
    Pool,
)

AUTOMATIC = "policy"  # who approved what the engine approved by itself
WITHOUT_EFFECT = frozenset({ExecutionState.ABORTED, ExecutionState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Past:
    """The executions that still count (in any order), and the fleet as it stands.

    `looked_at` is when the loop last looked at the fleet; None where it never did on this store.
    """

    executions: tuple[Execution, ...] = ()
    plugins: Mapping[str, Plugin] = field(default_factory=dict)
    statuses: Mapping[str, PluginStatus] = field(default_factory=dict)
    looked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A change, forward, by a person or `automatic`. `execution` is its own record, None before it is approved.

    `knob` and `pool` are as observed now; None where they cannot be read from here: then what depends on them
    is left to whoever turns the knob, who can.
    """

    plugin: Plugin
    change: Change
    policy: Policy
    past: Past
    now: float
    automatic: bool
    knob: Knob | None = None
    pool: Pool | None = None
    execution: Execution | None = None

    @property
    def kind(self) -> str:
        return self.knob.kind if self.knob is not None else self.change.knob

    def others(self) -> Iterable[Execution]:
        """Return the executions besides its own."""
        own = self.execution.id if self.execution is not None else None
        return (e for e in self.past.executions if e.id != own)

    def counted(self, execution: Execution) -> float | None:
        """Return when another execution had its effect, `now` if it is still to have it; None if it does not count.

        Of two that are under way only the one approved later counts the other: so both together keep a budget, and
        neither blocks the other for ever.
        """
        if execution.state in WITHOUT_EFFECT:
            return None
        if execution.applied_at is not None:
            return execution.applied_at
        if execution.state in FINAL:
            return execution.finished_at
        return self.now if self.after(execution) else None

    def after(self, execution: Execution) -> bool:
        """Tell whether this change was approved later than `execution`."""
        own = self.execution
        return own is None or (execution.created_at, execution.id) < (own.created_at, own.id)
