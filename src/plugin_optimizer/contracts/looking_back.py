"""What people said of the unusual, kept so that it is learnt from."""

from collections.abc import Sequence
from typing import Protocol

from ..domain import Feedback


class LookingBack(Protocol):
    """Words about what was found. Missing rows raise NotFound."""

    def say_no_problem(self, said: Feedback) -> Feedback:
        """Keep that something unusual was no problem; its id is given here.

        Said again of what began between the onset of what it was said of and then, the first word stands.
        """
        ...

    def undo_feedback(self, feedback_id: str, actor: str, at: float) -> Feedback:
        """Take a word back; taken back again, nothing changes."""
        ...

    def feedback(self, plugin_id: str | None = None, limit: int = 500, after: str | None = None) -> Sequence[Feedback]:
        """Return what was said, also what was taken back, newest first. `after` is the id of the last one of the previous page."""
        ...

    def standing_feedback(self) -> Sequence[Feedback]:
        """Return every word that was not taken back, the oldest first."""
        ...
