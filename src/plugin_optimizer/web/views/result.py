"""The seed's plain words for how an execution stands."""

from ...domain import FINAL, Execution, ExecutionState


def result_of(execution: Execution | None) -> str | None:
    """Return None, `in_progress`, `success`, `rolled_back` or `failed`."""
    if execution is None:
        return None
    if execution.state is ExecutionState.SUCCEEDED:
        return "success"
    if execution.state is ExecutionState.ROLLED_BACK:
        return "rolled_back"
    return "failed" if execution.state in FINAL else "in_progress"
