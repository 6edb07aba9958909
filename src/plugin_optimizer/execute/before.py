"""Since when a plugin ran as it did before a change: what lies further back is no picture of the old state."""

from collections.abc import Iterable

from ..domain import Execution, ExecutionState

AS_FAR_BACK_SECONDS = 180.0


def ran_since(execution: Execution, of_the_plugin: Iterable[Execution]) -> float:
    """Return from when on the time before `execution` shows the old value (Unix seconds).

    At most three minutes back, and not further than to where the plugin's change before that had settled, or was undone:
    with both states in one picture the new change would be credited with what the one before it did.
    """
    earlier = (e for e in of_the_plugin if e.id != execution.id and e.created_at < execution.created_at)
    settled = (min(_settled_at(other), execution.created_at) for other in earlier)
    return max((execution.created_at - AS_FAR_BACK_SECONDS, *settled))


def _settled_at(other: Execution) -> float:
    """Return when the last thing it did had settled; its creation where it did nothing."""
    if other.applied_at is None:
        return other.created_at
    if other.state is ExecutionState.SUCCEEDED and not other.undoing:
        return other.verifying_at or other.applied_at
    return other.finished_at or other.updated_at
