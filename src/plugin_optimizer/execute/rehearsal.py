"""What a real execution would find on its way, looked at without doing anything: no lock is taken, nothing is written.

What only the target itself can refuse, at the moment of the deed, is not known beforehand.
"""

from collections.abc import Iterator
from pathlib import Path

from ..domain import Change, Disruption, Knob, Message, Policy, Refused
from .executor import DEADMAN_MARGIN_SECONDS
from .fences import standing_mark
from .holders import holder_of
from .settle import longest_seconds


def fence_trouble(directory: Path, plugin_id: str, fence: int) -> Message | None:
    """Return why an order with this fence would not be obeyed now, None if it would."""
    holder = holder_of(directory / f"{plugin_id}.lock")
    if holder is not None:
        return Message("rehearsal_held", {"detail": str(holder)})
    try:
        obeyed = standing_mark(directory, plugin_id).fence
    except Refused as error:
        return Message("rehearsal_fence_damaged", {"detail": str(error)})
    if obeyed.execution >= fence:
        return Message("rehearsal_clock_behind", {"detail": f"{obeyed.execution} ≥ {fence}"})
    return None


def course(change: Change, knob: Knob | None, policy: Policy, judged_by: Message | None) -> Iterator[Message]:
    """Yield, in order, what a real execution would do. `knob` as observed now, None where it cannot be read."""
    ends = {"knob": change.knob, "before": change.before, "after": change.after}
    yield Message("rehearsal_turn", {"plugin_id": change.plugin_id, **ends})
    if knob is not None:
        restarts = knob.disruption is Disruption.RESTART
        yield Message("rehearsal_restart" if restarts else "rehearsal_live", {})
    settle_seconds = longest_seconds(change, policy)
    yield Message("rehearsal_settle", {"settle_seconds": settle_seconds})
    yield judged_by or Message("rehearsal_judge", {"metric": change.goal.metric.value})
    yield Message("rehearsal_verify", {"verify_seconds": policy.verify_seconds})
    if policy.switchback_seconds > 0:
        yield Message("rehearsal_switchback", {"switchback_seconds": policy.switchback_seconds})
    back = Message("rehearsal_undo", {"knob": change.knob, "before": change.before})
    yield Message("rehearsal_no_way_back", {}) if change.ends_life else back
    deadman = settle_seconds + policy.verify_seconds + DEADMAN_MARGIN_SECONDS
    yield Message("rehearsal_deadman", {"deadman_seconds": deadman})
