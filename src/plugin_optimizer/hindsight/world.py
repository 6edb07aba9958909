"""What automatic mode finds where it asks for the state: what really was executed, and what the replay would have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..domain import FINAL, Cycle, Execution, ExecutionState, Plugin, PluginStatus, Suggestion


@dataclass(slots=True)
class World:
    """Stands in for the state store in a replay, as far as automatic mode asks it. Keeps everything in memory.

    `made` are the executions of the replay; `real` the real ones as they stood at `now`.
    """

    plugins_by_id: Mapping[str, Plugin]
    now: float = 0.0
    real: Sequence[Execution] = ()
    statuses: Mapping[str, PluginStatus] = field(default_factory=dict)
    offered: Mapping[str, Suggestion] = field(default_factory=dict)
    made: list[Execution] = field(default_factory=list)
    approved: list[Execution] = field(default_factory=list)  # at the present look

    def see(
        self, now: float, real: Sequence[Execution], statuses: Mapping[str, PluginStatus], offered: Sequence[Suggestion]
    ) -> None:
        """Go on to the next look."""
        self.now, self.real, self.statuses = now, real, statuses
        self.offered, self.approved = {s.id: s for s in offered}, []

    def executions(
        self, plugin_id: str | None = None, open_only: bool = False, limit: int = 500, after: str | None = None
    ) -> Sequence[Execution]:
        """Return newest first, as the store does."""
        every = sorted((*self.real, *self.made), key=lambda e: (e.created_at, e.id), reverse=True)
        if after is not None:
            every = every[[e.id for e in every].index(after) + 1 :]
        wanted = [e for e in every if plugin_id in (None, e.change.plugin_id) and not (open_only and e.state in FINAL)]
        return wanted[:limit]

    def needing_person(
        self, plugin_id: str | None = None, limit: int = 500, after: str | None = None
    ) -> Sequence[Execution]:
        """Return, newest first, what the engine had given up and nobody had closed, nor replaced by a later change."""
        newest: dict[tuple[str, str], Execution] = {}
        for execution in self.executions(plugin_id, limit=len(self.real) + len(self.made), after=after):
            newest.setdefault((execution.change.plugin_id, execution.change.knob), execution)
        return [e for e in newest.values() if e.state is ExecutionState.NEEDS_OPERATOR and not self._closed(e)][:limit]

    def _closed(self, execution: Execution) -> bool:
        return execution.closing is not None and execution.closing.at <= self.now

    def plugins(self) -> Sequence[tuple[Plugin, PluginStatus, float]]:
        return [(self.plugins_by_id[name], status, 0.0) for name, status in self.statuses.items()]

    def latest_cycle(self) -> Cycle:
        return Cycle(number=0, at=self.now, duration_seconds=0.0, plugins=len(self.statuses), samples=0)

    def approve(
        self,
        suggestion_id: str,
        revision: int | None,  # noqa: ARG002 - the store's call
        actor: str,
        key: str | None,  # noqa: ARG002
        at: float,
    ) -> tuple[Execution, bool]:
        """Take it as executed from `at` on: nothing is queued, nothing turned."""
        proposal = self.offered[suggestion_id].proposal
        assert proposal.change is not None, "advice is not approved"
        execution = Execution(
            id=f"replay-{len(self.made) + 1}",
            suggestion_id=suggestion_id,
            suggestion_type=proposal.type,
            description=proposal.title,
            change=proposal.change,
            state=ExecutionState.VERIFYING,
            fence=0,
            approved_by=actor,
            created_at=at,
            updated_at=at,
            applied_at=at,
        )
        self.made.append(execution)
        self.approved.append(execution)
        return execution, True

    def put(self, execution: Execution) -> None:
        """Replace an execution of the replay by its later self."""
        self.made[[e.id for e in self.made].index(execution.id)] = execution
