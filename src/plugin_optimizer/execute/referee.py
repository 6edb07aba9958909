"""Who is asked when the judge could not tell: two values in turn on the live plugin, where that is allowed."""

from dataclasses import dataclass
from typing import Protocol

from ..domain import Comparison, Execution, Knob, Message, Policy, Verdict
from .sight import Sight


class Referee(Protocol):
    """Plans, watches and judges a comparison of the two values of a change."""

    def plan(
        self, execution: Execution, sight: Sight, knob: Knob | None, policy: Policy
    ) -> Comparison | Message | None:
        """Return the comparison to begin; or why there is none, None where nobody would expect one."""
        ...

    def broken(self, execution: Execution, sight: Sight, now: float) -> Message | None:
        """Return why the comparison under way has to end at once."""
        ...

    def judge(self, execution: Execution, sight: Sight) -> Verdict:
        """Return the verdict over the blocks on record; inconclusive while answers are still to come."""
        ...


@dataclass(frozen=True, slots=True)
class Unwilling:
    """Never compares: what the judge could not tell stays untold."""

    def plan(self, execution: Execution, sight: Sight, knob: Knob | None, policy: Policy) -> None:  # noqa: ARG002
        return None

    def broken(self, execution: Execution, sight: Sight, now: float) -> Message | None:  # noqa: ARG002
        return None

    def judge(self, execution: Execution, sight: Sight) -> Verdict:  # noqa: ARG002
        """Leave it at the verdict that stayed open, where an engine before this one began to compare."""
        assert execution.verdict is not None, "only what was judged is compared"
        return execution.verdict
