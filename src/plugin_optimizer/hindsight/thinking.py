"""The real detectors and planners, asked at each look; planners only where there is something new to think over."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..contracts import Detector, Planner
from ..domain import Fault, Finding, Fleet, Metric, PluginView, Policies, Proposal, Severity, Silence, Window
from ..models.promised import promised
from ..models.series import lately

Part = TypeVar("Part")
Result = TypeVar("Result")
Thought = Proposal | Silence
OTHER_LOAD = 1.5  # times the load that the last answer was given for, or less by as much: thought over anew
MOST_REST_SECONDS = 3_600.0  # after that it is thought over anew in any case …
WELL_REST_SECONDS = 600.0  # … and after that where nothing was found
REST_SHARE = 0.5  # … or after half of the time that the situation has lasted


@dataclass(frozen=True, slots=True)
class Answer:
    """What planners said of a plugin at `at`, in a situation that began at `began`."""

    situation: tuple[object, ...]
    load: float
    began: float
    at: float
    thoughts: tuple[Thought, ...]


@dataclass(slots=True)
class Thinking:
    """Asks the parts. One that raises is counted as a fault, what it yielded before is dropped; as in the engine's turn.

    Planners replay thousands of requests, which takes a tenth of a second and more. So an answer stands while the
    plugin's findings and settings are the same and its load is about the same, for at most half as long as that has lasted.
    """

    detectors: Sequence[Detector]
    planners: Sequence[Planner]
    thorough: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)
    faults: Counter[Fault] = field(default_factory=Counter)

    def findings(self, window: Window, fleet: Fleet, policies: Policies) -> tuple[Finding, ...]:
        return tuple(self._all(self.detectors, lambda d: d.detect(window, fleet, policies)))

    def thoughts(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> list[Thought]:
        """Return what the planners say of every plugin of `fleet`."""
        fresh = {name: _asked(name, view, window, findings, fleet) for name, view in fleet.views.items()}
        standing = {name: known for name, asked in fresh.items() if (known := self._standing(name, asked)) is not None}
        anew = {name: view for name, view in fleet.views.items() if name not in standing}
        said: dict[str, list[Thought]] = {name: [] for name in anew}
        for thought in self._all(self.planners, lambda p: promised(p.plan(window, findings, _only(fleet, anew)))):
            said.setdefault(thought.plugin_id, []).append(thought)
        for name, thoughts in said.items():
            if name in fresh:
                self.answers[name] = self._answer(name, fresh[name], tuple(thoughts))
        return [
            *(t for name in standing for t in self.answers[name].thoughts),
            *(t for ts in said.values() for t in ts),
        ]

    def _standing(self, name: str, asked: Answer) -> Answer | None:
        """Return the answer that still stands; None where planners are to be asked."""
        known = self.answers.get(name)
        if self.thorough or known is None or not _same(known, asked):
            return None
        most = MOST_REST_SECONDS if asked.situation[0] else WELL_REST_SECONDS
        rest = min(most, REST_SHARE * (known.at - known.began))
        return known if asked.at - known.at < rest else None

    def _answer(self, name: str, asked: Answer, thoughts: tuple[Thought, ...]) -> Answer:
        known = self.answers.get(name)
        began = known.began if known is not None and _same(known, asked) else asked.at
        return Answer(asked.situation, asked.load, began, asked.at, thoughts)

    def _all(self, parts: Iterable[Part], call: Callable[[Part], Iterable[Result]]) -> Iterable[Result]:
        for part in parts:
            try:
                yield from list(call(part))
            except Exception as error:  # noqa: BLE001 - the boundary around plug-ins, as in the engine
                self.faults[Fault(type(part).__name__, f"{type(error).__name__}: {error}")] += 1


def _asked(name: str, view: PluginView, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Answer:
    """Return the situation of a plugin, as a question without an answer yet."""
    own = frozenset((f.kind, f.metric, f.severity is Severity.INFO) for f in findings if f.plugin_id == name)
    settings = tuple((knob.name, knob.value) for knob in view.knobs)
    waiting = (view.status, view.in_flight, view.rest_until > fleet.now, len(view.trace) > 0)
    load = lately(window, name, Metric.THROUGHPUT_PER_SECOND)
    return Answer((own, settings, waiting, view.setting_changes, window.step_seconds), load, fleet.now, fleet.now, ())


def _same(one: Answer, other: Answer) -> bool:
    if one.situation != other.situation or math.isnan(one.load) != math.isnan(other.load):
        return False
    low, high = sorted((one.load, other.load))
    return math.isnan(low) or high <= OTHER_LOAD * max(low, 1e-9)


def _only(fleet: Fleet, views: Mapping[str, PluginView]) -> Fleet:
    return Fleet(now=fleet.now, cores=fleet.cores, views=views)
