"""From what was told on the way to the report: estimates, costs, and what really happened."""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain import Execution, Fault, Message
from .book import Book, Told
from .estimate import cost, estimate
from .question import Question, Requests
from .record import Record
from .report import Line, Real, Report
from .sights import Sights
from .tally import Tally


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything a report is made of."""

    question: Question
    requests: Requests
    record: Record
    sights: Sights
    book: Book
    tally: Tally
    faults: tuple[Fault, ...]
    progress: Callable[[float], None]

    def report(self) -> Report:
        """Return the report; this is where the requests of each suggestion's time are replayed."""
        question, told = self.question, self.book.told
        lines = []
        for number, each in enumerate(told):
            lines.append(self._line(each))
            self.progress((number + 1) / len(told))
        matched = {real.execution_id for line in lines for real in line.real}
        spoken = {line.proposal.plugin_id for line in lines}
        quiet = [self.tally.quiet(name) for name in sorted(question.asked - spoken)]
        return Report(
            since=question.since,
            until=question.until,
            every_seconds=question.every_seconds,
            looks=self.tally.looks,
            by_minutes=self.tally.by_minutes / max(1, self.tally.looks),
            recorded=self.tally.recorded / max(1, self.tally.looks),
            lines=tuple(lines),
            quiet=tuple(each for each in quiet if each is not None),
            others=tuple(real_of(e) for e in self._executed() if e.id not in matched),
            faults=self.faults,
        )

    def _line(self, told: Told) -> Line:
        until = self.question.until
        closed_at = until if told.closed_at is None else told.closed_at
        first = told.made[0] if told.made else None
        proposal = told.first if first is None else told.acted or told.first
        begin, end = told.opened_at, closed_at
        if first is not None:
            begin, end = first.execution.created_at, until if first.ended_at is None else first.ended_at
        end = self.sights.stood_until(proposal.change, begin, end)
        slo = self.question.policies.of(proposal.plugin_id).response_time_seconds
        found = estimate(proposal, begin, end, slo, self.requests.requests, self.sights.settings_at)
        real = [e for e in self.record.of(proposal, told.opened_at, closed_at) if e.created_at <= until]
        return Line(
            proposal=proposal,
            mode=told.mode,
            opened_at=told.opened_at,
            closed_at=told.closed_at,
            refreshed=told.refreshed,
            by_minutes=told.by_minutes,
            done=first.done(end) if first is not None else None,
            repeated=max(0, len(told.made) - 1),
            held=dict(told.held),
            held_last=told.held_last,
            estimate=None if isinstance(found, Message) else found,
            unknown=found if isinstance(found, Message) else None,
            cost=cost(proposal, begin, end),
            real=tuple(real_of(e) for e in real),
        )

    def _executed(self) -> list[Execution]:
        question = self.question
        return [
            e
            for e in self.record.executions
            if e.change.plugin_id in question.asked and question.since <= e.created_at <= question.until
        ]


def real_of(execution: Execution) -> Real:
    """Return what is worth telling of an execution that really happened."""
    change = execution.change
    return Real(
        execution.id,
        change.plugin_id,
        change.knob,
        change.before,
        change.after,
        execution.created_at,
        execution.state.value,
        execution.approved_by,
        execution.verdict,
    )
