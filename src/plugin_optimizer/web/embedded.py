"""The engine as an object for Python callers: the same system that the Blueprint serves."""

import time
from collections.abc import Sequence

from ..domain import Conflict, Execution, Suggestion
from ..wording import render
from .executability import circumstances_at, hindrance
from .hosting import present_system
from .resources.suggestions import BEGUN
from .system import SystemLike


class EmbeddedEngine:
    """A small surface over the system of the application, or of PLUGIN_OPTIMIZER_CONFIG outside of one."""

    @property
    def system(self) -> SystemLike:
        """Return everything behind it: stores, policies, runner. Raises ConfigError."""
        return present_system()

    def start(self) -> None:
        """Begin to analyse in the background (idempotent; one process of the host does it)."""
        self.system.runner.start()

    def suggestions(self, plugin_id: str | None = None) -> Sequence[Suggestion]:
        """Return the suggestions, newest first."""
        return self.system.state.suggestions(plugin_id)

    def execute(self, suggestion_id: str, actor: str = "python", revision: int | None = None) -> Execution:
        """Queue the execution of a suggestion; again, return the first one.

        A change of high risk needs the `revision` that was read. Raises NotFound, Stale, and Conflict where it cannot
        be executed.
        """
        state, now = self.system.state, time.time()
        hindered_by = hindrance(state.suggestion(suggestion_id), circumstances_at(self.system, now))
        if hindered_by is not None and state.suggestion(suggestion_id).state not in BEGUN:  # read again: see the API
            raise Conflict(render(hindered_by, "en"), hindered_by.code)
        return state.approve(suggestion_id, revision, actor, None, now)[0]

    def history(self, plugin_id: str | None = None) -> Sequence[Execution]:
        """Return the executions, newest first."""
        return self.system.state.executions(plugin_id)
