"""The calibration ledger: read off the executions that ended, so that no crash can part it from them.

Nothing is stored of its own. What an entry needs (the prediction that was approved, the verdict, the steps, the
windows, the setting changes) does not change once an execution has ended; reading it again gives the same entry. A cache
that was judged while it still filled is looked at again in the samples, until it has come to its level, and workers that
are replaced again and again over two more of their lives; that look takes minutes, which are kept for two weeks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..contracts import SampleStore, StateStore
from ..domain import FINAL, Execution, ExecutionState, NotFound, Proposal, SettingChange
from ..models.fair_comparison import LEDGER_FIRST_LIVES, LEDGER_WARMING, Circumstances, unfair
from ..models.late_look import LAST_SECONDS, MINUTE_SECONDS, LateFigure, Series, cycled_figure, settled_figure
from ..models.ledger_entry import LedgerEntry, compared_later, entry_of
from ..models.track_record import TrackRecord, calibrated, track_record

LATEST_EXECUTIONS = 1_000  # looked through, newest first
PAGE = 500
# What a person undoes later was compared before; while it is on its way back it keeps its line, too.
AFTERWARDS = FINAL | {ExecutionState.RB_INTENT, ExecutionState.RB_APPLYING}

LOOKS_BETWEEN = 12  # turns from one late look to the next: what fills takes minutes

Known = Mapping[str, LedgerEntry | None]


@dataclass(slots=True)
class Ledger:
    """The entries of one state store. Reads each execution once, one that was judged early until it has settled.

    Several threads may ask at a time. Without `samples` what was judged early stays uncompared.
    """

    state: StateStore
    samples: SampleStore | None = None
    known: Known = field(default_factory=dict)  # by execution; None for those without anything to compare
    record: TrackRecord = field(default_factory=TrackRecord)
    settling: frozenset[str] = frozenset()  # executions that are looked at again
    looks: int = 0

    def entries(self) -> Sequence[LedgerEntry]:
        """Return the entries of the latest 1,000 executions, newest first."""
        executions = [e for e in self._latest() if e.state in AFTERWARDS]
        known = {name: entry for name, entry in self.known.items() if name not in self.settling}
        fresh = [e for e in executions if e.id not in known]
        changes = self._changes_since(fresh)
        known = {e.id: known[e.id] if e.id in known else self._entry(e, changes) for e in executions}
        self.known, self.settling = known, frozenset(e.id for e in executions if self._may_settle(e, known[e.id]))
        return [entry for entry in known.values() if entry is not None]

    def look(self, executions: Iterable[Execution]) -> None:
        """Bring the track record up to date if one of `executions` (the latest ones) has ended since."""
        self.looks += 1
        again = bool(self.settling) and self.looks % LOOKS_BETWEEN == 0
        if not again and all(e.id in self.known for e in executions if e.state in FINAL):
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
        at, unfairness = seen.judged_at or execution.updated_at, unfair(proposal.prediction, proposal, seen)
        entry = entry_of(execution, proposal.prediction, proposal, at, unfairness)
        return self._looked_at_later(entry, proposal, seen) if _is_early(entry) else entry

    def _looked_at_later(self, entry: LedgerEntry, proposal: Proposal, seen: Circumstances) -> LedgerEntry:
        """Return the entry with what the change has come to by now; as it was while that is not known."""
        begun = seen.execution.applied_at
        late = _late_figure(entry, seen.execution, begun, self._after(entry, begun)) if begun is not None else None
        if late is None:
            return entry
        unfairness = unfair(entry.prediction, proposal, replace(seen, settled_at=late.at))
        return compared_later(entry, late, unfairness)

    def _after(self, entry: LedgerEntry, begun: float) -> Series:
        if self.samples is None:
            return ()
        metric, points = entry.prediction.metric, int(LAST_SECONDS / MINUTE_SECONDS)
        return self.samples.range(entry.plugin_id, (metric,), begun, begun + LAST_SECONDS, points).get(metric, ())

    def _may_settle(self, execution: Execution, entry: LedgerEntry | None) -> bool:
        """Tell whether a later look may find a level: judged early, kept, and not seen to the end."""
        if entry is None or not _is_early(entry) or execution.state is not ExecutionState.SUCCEEDED:
            return False
        begun = execution.applied_at or 0.0
        seen = self._after(entry, begun)
        return bool(seen) and seen[-1][0] < begun + LAST_SECONDS - MINUTE_SECONDS

    def _circumstances(self, execution: Execution, changes: Sequence[SettingChange]) -> Circumstances:
        steps = [(state, at) for state, at, _, _ in self.state.steps(execution.id)]
        windows = [window.get("at") for window in self.state.windows(execution.id)]
        return Circumstances(execution, steps, changes, [at for at in windows if at is not None])


def _is_early(entry: LedgerEntry) -> bool:
    return entry.uncompared is not None and entry.uncompared.code in {LEDGER_WARMING, LEDGER_FIRST_LIVES}


def _late_figure(entry: LedgerEntry, execution: Execution, begun: float, points: Series) -> LateFigure | None:
    if entry.uncompared is not None and entry.uncompared.code == LEDGER_FIRST_LIVES:
        return cycled_figure(begun, execution.change.goal.effect_seconds, points)
    return settled_figure(begun, points)
