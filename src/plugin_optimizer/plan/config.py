"""Other knobs, whose best value no model can compute: found by safe experiments, one small step at a time.

Each experiment is an ordinary suggestion: executed, judged, and undone if it did not help. What the verdicts said is
all this planner knows; given the same past it proposes the same value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log, log1p

import numpy as np

from ..domain import (
    Finding,
    FindingKind,
    Fleet,
    Goal,
    Knob,
    Message,
    Metric,
    Mode,
    PluginView,
    Proposal,
    Severity,
    Silence,
    Value,
    Window,
)
from ..models.experiment import Experiment, Limits, harmless, next_experiment
from ..models.experiment_pace import Pace, remembered
from ..models.experiment_report import Case, goal_of, proposal_of
from ..models.knob_space import PERFORMANCE, THREADS, KnobSpace
from ..models.pace import too_far
from ..models.pool_case import PoolCase, pool_case
from ..models.series import lately, recorded, until
from ..models.shares import Bottleneck, shares_of
from ..models.standing import reason_to_wait
from ..models.topology import models_topology, plans_topology
from ..models.worker_bounds import MEMORY_SHARE

TIMEOUT = "timeout"  # in the name of an exception: what another pool size, prefetch or time limit may heal
LEAST_PLANNED_REQUESTS, SEED = 300, 7  # as where workers are planned
LEAST_TIMEOUTS = 0.5  # of the errors


@dataclass(frozen=True, slots=True)
class ConfigPlanner:
    """Suggests the next value of a knob of kind `performance`, where a finding says that there is something to gain.

    `most_worse_ratio`: by how much the metric may at most get worse where the objective is broken already (inside it,
    the objective itself is the limit), and `most_harm_chance` the probability with which it may be (`words_harm_chance`
    for words, between which there is no small step, and which only a person may try); an experiment has to promise `least_gain_share` of the smallest effect that can be proven. `rest_seconds` after an undone experiment
    double; `steady_seconds` is what a value must have run before another is judged beside it, and `least_seconds` of it
    must have been seen.
    """

    name: str = "config"
    most_worse_ratio: float = 1.25
    most_harm_chance: float = 0.2
    words_harm_chance: float = 0.3
    least_gain_share: float = 0.3
    rest_seconds: float = 600.0
    steady_seconds: float = 180.0
    least_seconds: float = 60.0
    span_seconds: float = 120.0

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id and _may_help(f, view))
            outcome = reason_to_wait(view, window, fleet) or self._of(view, window, own, fleet)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(self, view: PluginView, window: Window, findings: tuple[Finding, ...], fleet: Fleet) -> Proposal | Message:
        waiting = self._waits_for_workers(view, fleet)
        try_threads = waiting and view.pool is not None and not models_topology(view.pool)
        knobs = [k for k in view.knobs if k.kind == PERFORMANCE or (k.kind == THREADS and try_threads)]
        if not knobs:
            return Message("no_knob", {"kind": PERFORMANCE})
        if not findings:
            return Message("within_slo")
        if waiting and (_computed(view) or self._planned(view, window, fleet)):
            return Message("workers_may_help")
        names, pace = {knob.name for knob in knobs}, Pace(self.rest_seconds, self.steady_seconds)
        rest = pace.reason_to_rest(view.trials, names, view.policy.experiments_per_day, fleet.now)
        if rest is not None:
            return rest
        goal = goal_of(findings, view.policy)
        level = lately(window, view.plugin.plugin_id, _told(goal.metric), 60.0)
        span = _seen_seconds(window, view.plugin.plugin_id, goal.metric)
        if not level > 0 or span < self.least_seconds:
            return Message("too_little_data", {"span_seconds": span, "needed_seconds": self.least_seconds})
        load = lately(window, view.plugin.plugin_id, Metric.THROUGHPUT_PER_SECOND, 60.0)
        cases = [self._case(view, knob, findings, goal, level, load, fleet.now) for knob in knobs]
        found = [case for case in cases if isinstance(case, Case)]
        if not found:
            return next(case for case in cases if isinstance(case, Message))
        return proposal_of(max(found, key=lambda case: case.experiment.choice.gain))

    def _case(
        self,
        view: PluginView,
        knob: Knob,
        findings: tuple[Finding, ...],
        goal: Goal,
        level: float,
        load: float,
        now: float,
    ) -> Case | Message:
        space = KnobSpace(knob)
        if not space.usable:
            return Message("knob_unbounded", {"knob": knob.name})
        if not space.gentle:
            return Message("knob_too_risky", {"knob": knob.name})
        trials = remembered(view.trials, knob.name, goal.metric, now)
        most_chance = self.most_harm_chance if space.ordered else self.words_harm_chance
        limits = Limits(self._harm(goal, level), most_chance, self.least_gain_share * log1p(goal.least_effect))
        experiment = next_experiment(space, trials, limits, now, load, _allowed(space, view, harmless(trials, limits)))
        if not isinstance(experiment, Experiment):
            return experiment
        return Case(view, knob, goal, level, findings, experiment, limits, len(trials))

    def _harm(self, goal: Goal, level: float) -> float:
        """Return the log ratio that must not be exceeded: up to the objective, or a share beyond what is broken anyway."""
        inside = goal.slo is not None and goal.metric is not Metric.ERROR_RATIO and level < goal.slo
        return log(goal.slo / level) if inside and goal.slo else log(self.most_worse_ratio)

    def _planned(self, view: PluginView, window: Window, fleet: Fleet) -> bool:
        """Tell whether a count of processes with threads can be computed: then their threads are not tried."""
        knob, pool = view.knob("workers"), view.pool
        if knob is None or pool is None or not plans_topology(pool) or isinstance(knob.value, str | bool):
            return False
        case = pool_case(view, window, fleet, self.least_seconds, LEAST_PLANNED_REQUESTS)
        return (
            isinstance(case, PoolCase)
            and case.bound(MEMORY_SHARE).workers > case.workers
            and case.fitted(SEED).plannable
        )

    def _waits_for_workers(self, view: PluginView, fleet: Fleet) -> bool:
        """Tell whether requests wait for a slot. Threads are tried for that alone, and where their effect is not computed."""
        trace = recorded(view.trace, fleet.now - self.span_seconds, fleet.now)
        shares = shares_of(trace, view.pool.cores if view.pool else float(fleet.cores))
        return shares is not None and shares.bottleneck is Bottleneck.WORKERS


def _computed(view: PluginView) -> bool:
    """Tell whether there may be more workers, and how many is computed: that comes first, and needs no experiment."""
    knob = view.knob("workers")
    if knob is None or isinstance(knob.value, str | bool) or (view.pool is not None and not models_topology(view.pool)):
        return False
    most = min(view.policy.max_workers, knob.maximum if knob.maximum is not None else view.policy.max_workers)
    return knob.value < most


def _may_help(finding: Finding, view: PluginView) -> bool:
    """Tell whether a knob could be to blame: slow answers, saturation, or errors most of which are timeouts."""
    if finding.kind is FindingKind.SATURATION:
        return finding.severity is not Severity.INFO
    if finding.kind is FindingKind.THRESHOLD and finding.metric is Metric.RESPONSE_TIME_P95_SECONDS:
        return True
    return finding.metric is Metric.ERROR_RATIO and _timeouts(view) >= LEAST_TIMEOUTS


def _timeouts(view: PluginView) -> float:
    """Return the share of the recorded errors that are timeouts by the name of their exception."""
    late = [group.fingerprint for group in view.errors if TIMEOUT in group.exception.lower()]
    errors = view.trace.error[view.trace.error != 0]
    return float(np.isin(errors, late).mean()) if len(errors) else 0.0


def _seen_seconds(window: Window, plugin_id: str, metric: Metric) -> float:
    """Return for how long the metric has been measured: without a past, an experiment could not be judged."""
    known = np.flatnonzero(~np.isnan(window.of(plugin_id, metric)))
    return float(window.times[-1] - window.times[known[0]]) if len(known) else 0.0


def _allowed(space: KnobSpace, view: PluginView, harmless_values: Sequence[Value]) -> Sequence[Value]:
    """Return the candidates that the rails let pass: in automatic mode no further than one step may go."""
    found, present = space.candidates(harmless_values), space.knob.value
    if view.policy.mode is not Mode.AUTOMATIC or isinstance(present, str):
        return found
    return [v for v in found if not isinstance(v, str) and not too_far(present, v, space.knob.step)]


def _told(metric: Metric) -> Metric:
    """Return the metric that people are told of, as the judge reports it."""
    return metric if metric is Metric.ERROR_RATIO else Metric.RESPONSE_TIME_P95_SECONDS
