"""The calibration ledger: read off the executions that ended, so that no crash can part it from them.

Nothing is stored of its own. What an entry needs (the prediction that was approved, the verdict, the steps, the
windows, the setting changes) does not change once an execution has ended; reading it again gives the same entry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..contracts import StateStore
from ..domain import FINAL, Execution, ExecutionState, NotFound, Proposal, SettingChange
from ..models.fair_comparison import Circumstances, unfair
from ..models.ledger_entry import LedgerEntry, entry_of
from ..models.track_record import TrackRecord, calibrated, track_record

LATEST_EXECUTIONS = 1_000  # looked through, newest first
PAGE = 500
# What a person undoes later was compared before; while it is on its way back it keeps its line, too.
AFTERWARDS = FINAL | {ExecutionState.RB_INTENT, ExecutionState.RB_APPLYING}

Known = Mapping[str, LedgerEntry | None]


@dataclass(slots=True)
class Ledger:
    """The entries of one state store. Reads each execution once; several threads may ask at a time."""

    state: StateStore
    known: Known = field(default_factory=dict)  # by execution; None for those without anything to compare
    record: TrackRecord = field(default_factory=TrackRecord)

    def entries(self) -> Sequence[LedgerEntry]:
        """Return the entries of the latest 1,000 executions, newest first."""
        executions = [e for e in self._latest() if e.state in AFTERWARDS]
        known = dict(self.known)
        fresh = [e for e in executions if e.id not in known]
        changes = self._changes_since(fresh)
        known = {e.id: known[e.id] if e.id in known else self._entry(e, changes) for e in executions}
        self.known = known
        return [entry for entry in known.values() if entry is not None]

    def look(self, executions: Iterable[Execution]) -> None:
        """Bring the track record up to date if one of `executions` (the latest ones) has ended since."""
        if all(e.id in self.known for e in executions if e.state in FINAL):
            return
        self.record = track_record(self.entries())

    def calibrated(self, proposals: Iterable[Proposal]) -> Sequence[Proposal]:
        """Return the proposals as their record lets them stand."""
        return [calibrated(proposal, self.record) for proposal in proposals]

    def _latest(self) -> Sequence[Execution]:
        found: list[Execution] = []
        after = None
        while len(found) < LATEST_EXECUTIONS:
            page = self.state.executions(limit=PAGE, after=after)
            found += page
            if len(page) < PAGE:
                break
            after = page[-1].id
        return found

    def _changes_since(self, fresh: Sequence[Execution]) -> Sequence[SettingChange]:
        begins = [e.created_at for e in fresh if e.verdict is not None]
        return self.state.setting_changes(min(begins)) if begins else ()

    def _entry(self, execution: Execution, changes: Sequence[SettingChange]) -> LedgerEntry | None:
        if execution.verdict is None or execution.verifying_at is None:
            return None
        try:
            proposal = self.state.suggestion(execution.suggestion_id).proposal
            seen = self._circumstances(execution, changes)
        except NotFound:
            return None  # forgotten with the history
        if proposal.prediction is None:
            return None
        at = seen.judged_at or execution.updated_at
        return entry_of(execution, proposal.prediction, proposal, at, unfair(proposal.prediction, proposal, seen))

    def _circumstances(self, execution: Execution, changes: Sequence[SettingChange]) -> Circumstances:
        steps = [(state, at) for state, at, _, _ in self.state.steps(execution.id)]
        windows = [window.get("at") for window in self.state.windows(execution.id)]
        return Circumstances(execution, steps, changes, [at for at in windows if at is not None])
