"""The walk through time: at each moment what the engine would have seen, thought and, by the policy, done."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

from ..contracts import Detector, Planner, SampleStore, StateStore
from ..domain import Execution, Fleet, Metric, Mode, Proposal, Window
from ..execute.automatic import approve_automatic
from ..models.ledger_entry import LedgerEntry
from ..models.track_record import TrackRecord, calibrated, track_record
from ..monitor.past_load import PastLoad
from .book import Book
from .loads import Loads
from .question import Question, Requests, Samples, Slab
from .record import Record
from .report import Report
from .sights import Sights, seen_statuses
from .summary import Summary
from .tally import Tally
from .thinking import Thinking
from .unusual import PastUnusual
from .world import World

SLAB_SECONDS, DAY_SECONDS = 3_600.0, 86_400.0
WALKED = 0.8  # of the way is done when the walk ends and the estimates begin
JUST_BEFORE_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Sofar:
    """How far a replay is: the share that is done, 0…1, how many times it looked, and what it had found by then."""

    share: float
    looks: int = 0
    suggestions: int = 0
    executed: int = 0


Progress = Callable[[Sofar], None]


@dataclass(slots=True)
class Walk:
    """One replay. Run it once."""

    question: Question
    samples: Samples
    requests: Requests
    record: Record
    detectors: Sequence[Detector]
    planners: Sequence[Planner]
    entries: Sequence[LedgerEntry] = ()
    progress: Progress = lambda _: None
    slab: Slab | None = None
    slab_end: float = float("-inf")
    seen: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)
    known_entries: int = -1
    track: TrackRecord = field(default_factory=TrackRecord)
    loads: Loads = field(init=False)
    past_load: PastLoad = field(init=False)

    def __post_init__(self) -> None:
        self.loads = Loads(self.samples, self.question.since, self.question.until)
        self.past_load = PastLoad(cast("SampleStore", self.loads))  # which it only asks for ranges

    def run(self) -> Report:
        """Walk from the beginning to the end, then estimate what every suggestion would have saved."""
        question = self.question
        thinking = Thinking(self.detectors, self.planners, question.thorough)
        sights = Sights(question, self.requests, self.record)
        book, world = Book(question.policies, question.every_seconds), World(question.plugins)
        executed = [e.created_at - JUST_BEFORE_SECONDS for e in self.record.executions if self._asked(e)]
        last = float("-inf")
        for at in question.moments(executed):
            slab = self._slab_for(at)
            now = slab.moment(at)
            if now > last:
                self._look(now, slab, thinking, sights, book, world)
                last = now
            share = (at - question.since) / max(question.until - question.since, 1e-9)
            self.progress(self._sofar(WALKED * share, book))
        faults = tuple(thinking.faults)
        summing = partial(self._summing, book)
        summary = Summary(question, self.requests, self.record, sights, book, self.tally, faults, summing)
        report = summary.report()
        if not question.unusual:
            return report
        return replace(report, unusual=PastUnusual(question, self.samples, self.record).told())

    def _summing(self, book: Book, share: float) -> None:
        self.progress(self._sofar(WALKED + (1 - WALKED) * share, book))

    def _sofar(self, share: float, book: Book) -> Sofar:
        return Sofar(share, self.tally.looks, len(book.told), sum(bool(told.made) for told in book.told))

    def _look(self, now: float, slab: Slab, thinking: Thinking, sights: Sights, book: Book, world: World) -> None:
        """One turn in thought: as `Engine.turn`, with the past in the place of sensing, and nothing written."""
        policies = self.question.policies
        window = slab.window(now, self.question.window_seconds)
        real = self.record.as_of(now)
        fleet = sights.fleet(window, real, now)
        findings = thinking.findings(window, fleet, policies)
        planned = self.past_load.beside(fleet, findings)
        asked = replace(fleet, views={name: planned.views[name] for name in sorted(self.question.asked)})
        thoughts = thinking.thoughts(window, findings, asked)
        proposals = self._calibrated(
            (t for t in thoughts if isinstance(t, Proposal) and policies.of(t.plugin_id).mode is not Mode.OBSERVE), now
        )
        by_minutes = self._by_minutes(slab)
        self.tally.count(thoughts, by_minutes, any(len(view.trace) for view in fleet.views.values()))
        book.note(proposals, _fresh(window, now, slab.step_seconds), now, by_minutes)
        for made in book.standing():
            over = made.look(policies.of(made.execution.change.plugin_id), self.requests, sights.settings_at, now)
            if over is not None:
                world.put(over)
        self._act(now, real, fleet, window, book, world, sights)

    def _act(
        self,
        now: float,
        real: Sequence[Execution],
        fleet: Fleet,
        window: Window,
        book: Book,
        world: World,
        sights: Sights,
    ) -> None:
        """Ask automatic mode itself what it would approve, and let that stand in thought."""
        offered = book.offered()
        world.see(now, real, seen_statuses(sights.statuses, self.seen), [told.suggestion for told in offered])
        throughput = self._throughput(now)
        held = approve_automatic(
            cast("StateStore", world),  # it keeps the part of the promise that is asked of it here
            [told.suggestion for told in offered],
            fleet,
            window,
            self.question.policies,
            False,
            throughput,
        )
        book.hold(list(held), offered)
        by_id = {told.id: told for told in offered}
        for execution in world.approved:
            for made in book.standing():
                if _same_knob(made.execution, execution):
                    made.ended_at = now  # the other way replaces it
            by_id[execution.suggestion_id].act(execution)

    def _throughput(self, now: float) -> Callable[[str], Sequence[tuple[float, float]]]:
        metric = Metric.THROUGHPUT_PER_SECOND
        return lambda name: self.loads.range(name, (metric,), now - DAY_SECONDS, now, 1_440).get(metric, ())

    def _slab_for(self, at: float) -> Slab:
        if self.slab is None or at > self.slab_end:
            begin, self.slab_end = at - self.question.window_seconds - 120.0, at + SLAB_SECONDS
            self.slab = self.samples.slab(tuple(self.question.plugins), begin, self.slab_end)
        return self.slab

    def _calibrated(self, proposals: Iterable[Proposal], now: float) -> list[Proposal]:
        """Return the proposals as the track record let them stand at `now`."""
        known = sum(entry.at <= now for entry in self.entries)
        if known != self.known_entries:
            self.known_entries, self.track = known, track_record([e for e in self.entries if e.at <= now])
        return [calibrated(proposal, self.track) for proposal in proposals]

    def _by_minutes(self, slab: Slab) -> bool:
        return slab.step_seconds >= 60.0 > self.question.interval_seconds

    def _asked(self, execution: Execution) -> bool:
        return execution.change.plugin_id in self.question.asked


def _fresh(window: Window, now: float, step_seconds: float) -> frozenset[str]:
    """Return the plugins of which anything was measured in the last two steps."""
    ages = window.age_seconds(now)
    return frozenset(name for name, age in zip(window.plugin_ids, ages, strict=True) if age <= 2 * step_seconds)


def _same_knob(one: Execution, other: Execution) -> bool:
    return (one.change.plugin_id, one.change.knob) == (other.change.plugin_id, other.change.knob)
