"""How the changes that were made turned out: kept, undone, and the time that requests were spared meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..domain import FINAL, Execution, ExecutionState, Outcome, SuggestionType

Window = Mapping[str, float | None]
EFFECTLESS = frozenset({ExecutionState.ABORTED, ExecutionState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Tally:
    """Executions by how they ended. `made` are those that took effect; `verdicts` counts those of executions that ended."""

    kept: int = 0
    undone: int = 0
    failed: int = 0
    without_effect: int = 0
    under_way: int = 0
    verdicts: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def executions(self) -> int:
        return self.kept + self.undone + self.failed + self.without_effect + self.under_way


@dataclass(frozen=True, slots=True)
class SparedTime:
    """What requests were spared while the judge looked: without the change they would have taken `seconds` longer in all.

    Negative where they took longer. Of `executions`, whose windows held `requests`; `not_counted` were made too, but nothing
    says what would have been without them.
    """

    seconds: float
    requests: int
    executions: int
    not_counted: int


def tallies(executions: Iterable[Execution]) -> Mapping[SuggestionType, Tally]:
    """Return how the executions of each type ended."""
    by_type: dict[SuggestionType, list[Execution]] = {}
    for execution in executions:
        by_type.setdefault(execution.suggestion_type, []).append(execution)
    return {kind: tally(found) for kind, found in by_type.items()}


def tally(executions: Sequence[Execution]) -> Tally:
    """Return how these executions ended."""
    states = [execution.state for execution in executions]
    ended = [execution for execution in executions if execution.state in FINAL and execution.verdict is not None]
    outcomes = [execution.verdict.outcome for execution in ended if execution.verdict is not None]
    return Tally(
        kept=states.count(ExecutionState.SUCCEEDED),
        undone=states.count(ExecutionState.ROLLED_BACK),
        failed=states.count(ExecutionState.NEEDS_OPERATOR),
        without_effect=sum(state in EFFECTLESS for state in states),
        under_way=sum(state not in FINAL for state in states),
        verdicts={outcome: outcomes.count(outcome) for outcome in Outcome if outcome in outcomes},
    )


def spared_time(executions: Iterable[Execution], windows: Mapping[str, Sequence[Window]]) -> SparedTime:
    """Return Σ requests x (what they would have taken − what they took) over the windows in which both are known.

    `windows` by execution, as the judge left them: `observed_seconds` and `without_seconds` are means over the `requests`
    of a window; the second is what the replay of the same requests says.
    """
    seconds, requests, counted, not_counted = 0.0, 0.0, 0, 0
    for execution in executions:
        if execution.applied_at is None:
            continue
        spared, number = _of_one(windows.get(execution.id, ()))
        counted, not_counted = counted + (number > 0), not_counted + (number == 0)
        seconds, requests = seconds + spared, requests + number
    return SparedTime(seconds, round(requests), counted, not_counted)


def _of_one(windows: Iterable[Window]) -> tuple[float, float]:
    spared = number = 0.0
    for window in windows:
        seen, other, requests = (window.get(name) for name in ("observed_seconds", "without_seconds", "requests"))
        if seen is not None and other is not None and requests is not None:
            spared += (other - seen) * requests
            number += requests
    return spared, number
