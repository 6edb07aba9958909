"""Judges a change of the worker count by the difference between what happened and its replay under the old one."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..domain import Goal, Message, Metric, Outcome, Verdict
from ..models.confidence import UNKNOWN, Bounds, SequentialTest
from .controls import Surroundings
from .judgement import Decided, Figures, Floor, Look, about, first_decision, no_objection, outcome_of, verdict_of
from .paired_replay import WIDE_BAND, PairedReplay, SelfCheck
from .relief import relief_of
from .reported import latency_figure, reported_metric
from .service_effect import ServiceLevels, ServiceShift
from .slo_margin import SloMargin
from .trace_windows import log_ratio

F64 = NDArray[np.float64]

METHOD = "paired_replay"
FIGURE_WINDOWS = 6
MOST_LOAD = 1.05  # times the load before, up to which longer sojourns are not the load's doing


@dataclass(frozen=True, slots=True)
class ReplayJudge:
    """`least_band` is the smallest relative effect to claim; `around` what service times of others did meanwhile;
    `margin` what a saving may cost.
    """

    test: SequentialTest
    floor: Floor
    least_band: float
    around: Surroundings
    margin: SloMargin

    def judge(self, goal: Goal, pair: PairedReplay, check: SelfCheck) -> Verdict:
        """Return the verdict on one comparison whose self-check is valid."""
        total, counts = pair.observed
        levels = pair.service_levels.beside(self.around.agreed_shift, self.around.spread)
        levels = levels.cautious if check.nearly_full else levels
        effect = log_ratio(total, pair.without()) - check.correction
        relief = relief_of(pair)

        def look_at(looked: int) -> Look:
            shift = levels.shift(looked, self.test)
            if shift is None or not self.floor.reached(effect[:looked], counts[:looked]):
                return Look(UNKNOWN, self._band(check, shift))
            band, tolerance = self._band(check, shift), self.margin.tolerance(looked, self.test)
            look = Look(self._total(pair, check, levels, shift, looked), band, tolerance)
            if relief is None or not relief.explained or outcome_of(look, goal) is Outcome.BETTER:
                return look
            return Look(self._felt(pair, looked, len(pair.observed_before[0]) // 2), band, tolerance)

        objections = no_objection if relief is None else relief.objections
        decided = first_decision(look_at, len(effect), goal, objections)
        shift = levels.shift(decided.looked, self.test)
        reasons = (
            *about(decided, goal, self.floor, effect, counts),
            *_parts(effect[: decided.looked], shift),
            *_company(pair),
            *(() if pair.new_slots_serve else (Message("added_serves_nothing"),)),
            *(relief.told if relief is not None else ()),
            Message("self_check", {"error_ratio": round(check.error, 4), "windows": check.windows}),
        )
        reported = replace(goal, metric=reported_metric(goal.metric))
        if self.around.moved:
            code = "environment_adjusted" if self.around.agreed_shift else "environment_disagrees"
            reasons = (*reasons, self.around.told(code, Metric.SERVICE_TIME_SECONDS))
        return verdict_of(reported, METHOD, decided, _figures(reported, pair, decided, counts), reasons)

    def _total(
        self, pair: PairedReplay, check: SelfCheck, levels: ServiceLevels, shift: ServiceShift, looked: int
    ) -> Bounds:
        """Return the bounds of queue and service effect together.

        A claim of harm has to hold under the least plausible blame of the service times, a claim of benefit
        under the most. Where they surely rose, harm may also show in what people waited before and after, and a benefit has to:
        what was a queue may have become waiting inside, for a lock or a connection, and a replay that is off by 5 % in such
        times is off by a multiple in the queue.
        """
        total, _ = pair.observed
        blame = levels.blame(shift)
        lower, upper = (
            self.test.bounds((log_ratio(total, without) - check.correction)[:looked])
            for without in (pair.without(blame.low), pair.without_company(blame.high))
        )
        if not (lower.windows and upper.windows):
            return UNKNOWN
        slower = shift.proven and shift.estimate > 0
        low = max(lower.low, self._felt_low(pair, looked)) if slower else lower.low
        felt_high = self._felt_high(pair, looked) if slower or pair.company_log.any() else -math.inf
        nothing_gained = -math.inf if pair.new_slots_serve else 0.0
        high, same_high = max(low, upper.high, felt_high, nothing_gained), max(upper.same_high, felt_high)
        mean = upper.mean if shift.estimate > 0 or pair.company_log.any() else lower.mean
        return Bounds(mean, low, high, lower.same_low, same_high, lower.windows)

    def _felt_high(self, pair: PairedReplay, looked: int) -> float:
        """Return the upper bound of log(sojourns after / before), wide enough for queues that hardly ever empty; inf where
        less load or others explain a fall, or too little is known.
        """
        (_, counts), (_, counts_before) = pair.observed, pair.observed_before
        less_load = counts[:looked].mean() * MOST_LOAD < counts_before.mean()
        if self.around.moved or less_load:
            return math.inf
        felt = self._felt(pair, looked)
        return felt.high if felt.windows else math.inf

    def _felt(self, pair: PairedReplay, looked: int, begins: int = 0) -> Bounds:
        """Return the bounds of log(sojourns after / before) at the loads they had: never narrow enough for "same".

        `begins` leaves out windows before: while an overload builds up, what it has come to says how it would have gone on.
        """
        total, counts = pair.observed
        before = log_ratio(*pair.observed_before)[begins:]
        felt = ServiceLevels(before, log_ratio(total, counts)).shift(looked, self.test)
        return UNKNOWN if felt is None else Bounds(felt.estimate, felt.low, felt.high, -math.inf, math.inf, looked)

    def _felt_low(self, pair: PairedReplay, looked: int) -> float:
        """Return the lower bound of log(sojourns after / before); -inf where more load, others, or the
        luck of a queue that hardly ever empties explain a rise.
        """
        total, counts = pair.observed
        total_before, counts_before = pair.observed_before
        more_load = counts[:looked].mean() > MOST_LOAD * counts_before.mean()
        if self.around.moved or pair.self_check.nearly_full or more_load:
            return -math.inf
        before = log_ratio(total_before, counts_before)
        level = float(before[~np.isnan(before)].mean())
        felt = log_ratio(total, counts)[:looked] - level
        return self.test.bounds(felt, self.test.reference_radius(before)).low

    def _band(self, check: SelfCheck, shift: ServiceShift | None) -> float:
        band = check.band(self.least_band)
        return math.log1p(max(band, WIDE_BAND) if shift is not None and shift.proven else band)


def _parts(effect: F64, shift: ServiceShift | None) -> tuple[Message, ...]:
    seen = effect[~np.isnan(effect)]
    if len(seen) == 0:
        return ()
    queue = Message("queue_effect", {"effect_ratio": round(math.exp(float(seen.mean())), 4)})
    return (queue, _service(shift)) if shift is not None and shift.suspected else (queue,)


def _company(pair: PairedReplay) -> tuple[Message, ...]:
    slower = math.exp(float(pair.company_log.max(initial=0.0)))
    return (Message("slower_in_company", {"effect_ratio": round(slower, 4)}),) if slower > 1 else ()


def _service(shift: ServiceShift) -> Message:
    code = "service_effect" if shift.proven else "service_uncertain"
    low, high = (round(math.exp(bound), 4) for bound in (shift.low, shift.high))
    params = {"effect_ratio": round(math.exp(shift.estimate), 4), "low_ratio": low, "high_ratio": high}
    return Message(code, params)


def _figures(reported: Goal, pair: PairedReplay, decided: Decided, counts: F64) -> Figures:
    """Return the figures before, and what it has come to since: the last windows of the look, backlogs drained."""
    index = pair.grid.index(pair.after)
    last = pair.after.where((index < decided.looked) & (index >= decided.looked - FIGURE_WINDOWS))
    before, after = (latency_figure(reported.metric, trace) for trace in (pair.before, last))
    return Figures(before, after, int((counts > 0).sum()), int(counts[: decided.looked].sum()))
