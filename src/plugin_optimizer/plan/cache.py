"""The size of a cache, read from the miss-ratio curve of the keys it was asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from ..domain import (
    Change,
    Direction,
    Finding,
    FindingKind,
    Fleet,
    Goal,
    Knob,
    Message,
    Metric,
    PluginView,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    Silence,
    SuggestionType,
    Window,
)
from ..models.cache_curve import cache_curve
from ..models.cachesize import CacheStudy, study_caches
from ..models.pace import first_step
from ..models.proportions import wilson
from ..models.second_source import for_a_person, unconfirmed
from ..models.series import lately, memory_limit_bytes, until
from ..models.standing import reason_to_wait

LEAST_GAIN_POINTS = 0.03  # of hit ratio: what the judge can tell from none


@dataclass(frozen=True, slots=True)
class CachePlanner:
    """Suggests the smallest size within `near_points` of the best reachable hit ratio, or one that gives memory back.

    Where the curve falls off a cliff just below that size, it goes to the far side by `cliff_margin`.
    """

    name: str = "cache"
    gain_points: float = 0.05
    near_points: float = 0.01
    loss_points: float = 0.005
    shrink_ratio: float = 0.5
    cliff_points: float = 0.03
    cliff_margin: float = 0.2
    model_points: float = (
        0.15  # modelled against counted hit ratio of the present size, beyond which nothing is planned
    )
    memory_share: float = 0.85
    saving_points: float = 0.015  # a smaller size is suggested once the record rules out that it costs more

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            if view.server is not None:
                continue  # it is a cache itself: another planner's business
            own = tuple(f for f in findings if f.plugin_id == plugin_id and f.kind is FindingKind.CACHE)
            outcome = reason_to_wait(view, window, fleet) or self._of(view, window, own, fleet)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(self, view: PluginView, window: Window, findings: tuple[Finding, ...], fleet: Fleet) -> Proposal | Message:
        if not view.caches:
            return Message("no_cache")
        if not findings:
            return Message("cache_fits")
        named = {str(message.params.get("cache")) for finding in findings for message in finding.evidence}
        outcome: Proposal | Message = Message("cache_fits")
        for study in study_caches(view):
            if study.name in named:
                outcome = self._for(view, study, window, findings, fleet)
                if isinstance(outcome, Proposal):
                    return outcome
        return outcome

    def _for(
        self, view: PluginView, study: CacheStudy, window: Window, findings: tuple[Finding, ...], fleet: Fleet
    ) -> Proposal | Message:
        knob = study.knob
        if knob is None or isinstance(knob.value, str | bool):
            return Message("no_knob", {"kind": "cache_size"})
        if int(knob.value) != study.capacity:
            return Message("cache_changing", {"size_entries": study.capacity, "wanted_entries": int(knob.value)})
        observed = lately(window, view.plugin.plugin_id, Metric.CACHE_HIT_RATIO)
        observed = observed if observed == observed else study.observed_hit_ratio
        drift = abs(study.curve.hit_ratio(study.capacity) - observed)
        if not drift <= self.model_points:
            return Message("model_not_valid", {"error_ratio": drift if drift == drift else None})
        size = self._size(study, knob)
        if size == study.capacity:
            return Message("cache_fits")
        limit = memory_limit_bytes(window, fleet, view.plugin.plugin_id)
        memory = lately(window, view.plugin.plugin_id, Metric.MEMORY_BYTES)
        if size > study.capacity and memory + _added_bytes(study, size) > self.memory_share * limit:
            return Message("at_bound", {"memory_bytes": memory, "limit_bytes": limit})
        alone = unconfirmed(view, window, fleet)
        if alone is not None and size < study.capacity:
            return alone  # nothing is taken away on the word of one source
        step = self._first_step(view, study, knob, size)
        prediction = _predicted(study, step, observed, drift)
        possible_loss = observed - prediction.low
        if size < study.capacity and possible_loss > self.saving_points:
            return Message("saving_unsure", {"cache": study.name, "loss_ratio": possible_loss})
        proposal = _proposal(view, study, knob, step, observed, drift, prediction, memory, findings)
        if alone is not None:
            proposal = for_a_person(proposal, alone)
        if step == size:
            return proposal
        way = Message("first_step", {"knob": knob.name, "before": study.capacity, "after": step, "wanted": size})
        details = {**proposal.details, "wanted_entries": size}
        return replace(proposal, evidence=(way, *proposal.evidence), details=details)

    def _first_step(self, view: PluginView, study: CacheStudy, knob: Knob, size: int) -> int:
        """Return how far to go now: in automatic mode one step, where that shows; else a person may go all the way."""
        step = first_step(view.policy, knob, study.capacity, size)
        gain = study.curve.hit_ratio(step) - study.curve.hit_ratio(study.capacity)
        return step if step < study.capacity or gain >= LEAST_GAIN_POINTS else size

    def _size(self, study: CacheStudy, knob: Knob) -> int:
        """Return the size to suggest, the present one where no other is worth it."""
        present = study.curve.hit_ratio(study.capacity)
        if study.best_hit_ratio - present >= self.gain_points:
            return self._beyond_cliff(study, knob, study.size_for(study.best_hit_ratio - self.near_points))
        size = self._beyond_cliff(study, knob, study.free_size(self.loss_points))
        return size if size <= study.capacity * (1 - self.shrink_ratio) else study.capacity

    def _beyond_cliff(self, study: CacheStudy, knob: Knob, size: int) -> int:
        before = study.curve.hit_ratio(int(size * (1 - self.cliff_margin)))
        if study.curve.hit_ratio(size) - before >= self.cliff_points:
            size = ceil(size * (1 + self.cliff_margin))
        step = max(1, int(knob.step))
        origin = study.smallest
        size = origin + ceil((size - origin) / step) * step
        return size if knob.maximum is None else min(size, int(knob.maximum))


def _added_bytes(study: CacheStudy, size: int) -> float:
    """Return what the change adds over all processes; 0 where the size of an entry is not known."""
    if study.entry_bytes != study.entry_bytes:
        return 0.0
    if size < study.capacity:
        return -study.saved_bytes(size)
    return max(0, min(size, study.curve.distinct) - study.capacity) * study.processes * study.entry_bytes


def _predicted(study: CacheStudy, size: int, observed: float, drift: float) -> Prediction:
    """Return the hit ratio of `size`: between what is certain and what may have been kept from before the recording.

    The interval adds the noise of counting (Wilson, 80 %) and how far the model is off at the present size.
    """
    certain, possible = study.curve.hit_ratio(size), study.curve.hit_ratio_ceiling(size)
    count = study.curve.accesses
    low, high = wilson(certain * count, count)[0] - drift, wilson(possible * count, count)[1] + drift
    expected = study.expected_hit_ratio(size)
    return Prediction(
        Metric.CACHE_HIT_RATIO, observed, expected, max(0.0, low), min(1.0, high), model="miss_ratio_curve"
    )


def _proposal(
    view: PluginView,
    study: CacheStudy,
    knob: Knob,
    size: int,
    observed: float,
    drift: float,
    prediction: Prediction,
    memory: float,
    findings: tuple[Finding, ...],
) -> Proposal:
    up = size > study.capacity
    goal = Goal(
        metric=Metric.CACHE_HIT_RATIO,
        direction=Direction.UP,
        purpose=Purpose.IMPROVE if up else Purpose.SAVE,
        least_effect=LEAST_GAIN_POINTS if up else 0.02,  # points of hit ratio
        guards=(Metric.ERROR_RATIO, Metric.MEMORY_BYTES) if up else (Metric.ERROR_RATIO,),
    )
    saved = (prediction.expected - observed) * study.load_seconds
    evidence = _evidence(study, findings, prediction)
    if up and saved > 0:
        evidence.append(Message("time_saved_per_access", {"saved_seconds": saved, "load_seconds": study.load_seconds}))
    plugin_id = view.plugin.plugin_id
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.ADJUST_CACHE,
        title=Message("adjust_cache", {"cache": study.name, "from_entries": study.capacity, "to_entries": size}),
        change=Change(plugin_id, knob.name, study.capacity, size, goal),
        prediction=prediction,
        risk=Risk.LOW,
        confidence=float(np.clip(0.95 - 2 * drift - (prediction.high - prediction.low) / 2, 0.3, 0.95)),
        findings=findings,
        evidence=tuple(evidence),
        side_effects=_memory(study, size, memory),
        judged_by=Message("judged_by_hit_ratio"),
        details={
            "curve": _curve(study, size),
            "accesses": study.recorded,
            "processes": study.processes,
            "distinct_keys": study.curve.distinct,
            "model_error_ratio": drift,
            "load_seconds": study.load_seconds if study.load_seconds == study.load_seconds else None,
        },
    )


def _evidence(study: CacheStudy, findings: tuple[Finding, ...], prediction: Prediction) -> list[Message]:
    """Return what was found of this cache, with the figures of the prediction: one card says one thing."""
    said = [m for finding in findings for m in finding.evidence if m.params.get("cache") == study.name]
    figures = {"hit_ratio": prediction.before, "reachable_ratio": prediction.expected}
    return [Message(m.code, {**m.params, **figures}) if m.code == "cache_too_small" else m for m in said]


def _memory(study: CacheStudy, size: int, memory: float) -> tuple[Prediction, ...]:
    added = _added_bytes(study, size)
    if not memory > 0 or not added:
        return ()
    ends = sorted((memory + 0.5 * added, memory + 1.5 * added))
    return (Prediction(Metric.MEMORY_BYTES, memory, memory + added, ends[0], ends[1], model="entry_bytes"),)


def _curve(study: CacheStudy, size: int) -> list[object]:
    """Return hit ratios over sizes, the present and the suggested one among them."""
    return [{"size_entries": each.size_entries, "hit_ratio": each.hit_ratio} for each in cache_curve(study, (size,))]
