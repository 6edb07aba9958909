"""What is known of all plugins, laid out so that any part of it is found without reading the stores again.

It is read anew when the state or the samples changed: once per turn of the loop and process, not once per question.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..contracts import MOST_OPEN_EXECUTIONS, StateStore
from ..domain import FINAL, Finding, Plugin, PluginStatus, Policies, Severity, Silence
from .system import SystemLike

HEALTHS = ("critical", "inactive", "warning", "unknown", "ok")  # worst first
CRITICAL, INACTIVE, WARNING, UNKNOWN, OK = range(len(HEALTHS))
MOST_KEYS, MOST_VALUES = 20, 200  # of labels that are offered to filter by
WAIT_SECONDS = 0.5  # many times what a small fleet takes
SCORE_STEPS = 4  # a score counts in quarters, so that its noise moves no row

Row = tuple[Plugin, PluginStatus, float]
About = TypeVar("About", Finding, Silence)


@dataclass(frozen=True, slots=True)
class FleetIndex:
    """Everything by plugin, in the order of `rows` (by id) where it is an array.

    `rank` is the place in HEALTHS that status and findings give, before the age of the figures is looked at;
    `score` is the worst finding's in quarters; `measured_at` is NaN where nothing was ever measured.
    """

    rows: Sequence[Row]
    names: Sequence[str]
    place: Mapping[str, int]
    findings: Mapping[str, Sequence[Finding]]
    silences: Mapping[str, Sequence[Silence]]
    open_suggestions: Mapping[str, int]
    running: Mapping[str, str]
    policies: Policies
    rank: NDArray[np.int8]
    score: NDArray[np.int8]
    stale_seconds: NDArray[np.float64]
    measured_at: NDArray[np.float64]
    words: Sequence[str] = field(repr=False)
    touchpoints: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]]

    def __len__(self) -> int:
        return len(self.rows)

    def stale(self, now: float) -> NDArray[np.bool_]:
        """Return which plugins have no figure that is young enough."""
        return ~(now - self.measured_at <= self.stale_seconds)

    def ranks(self, now: float) -> NDArray[np.int8]:
        """Return the place of each plugin's health in HEALTHS. Old figures prove nothing: they are `unknown`."""
        blind = self.stale(now) & (self.rank != INACTIVE)
        return np.where(blind, np.int8(UNKNOWN), self.rank)


_kept: "WeakKeyDictionary[StateStore, tuple[tuple[int, int], FleetIndex]]" = WeakKeyDictionary()
_guard = threading.Lock()


def fleet_index(system: SystemLike) -> FleetIndex:
    """Return the index of the present state and samples.

    Who asks while somebody else reads them anew waits a moment for that, then gets the index before if there is one.
    """
    state = system.state
    kept = _kept.get(state)
    if not _guard.acquire(timeout=WAIT_SECONDS if kept else -1) and kept:
        return kept[1]
    try:
        kept = _kept.get(state)
        key = (state.version(), system.samples.written())
        if kept is None or kept[0] != key:
            kept = (key, _read(system))
            _kept[state] = kept
        return kept[1]
    finally:
        _guard.release()


def _read(system: SystemLike) -> FleetIndex:
    state = system.state
    rows = tuple(state.plugins())
    names = [plugin.plugin_id for plugin, _, _ in rows]
    cycle, policies = state.latest_cycle(), system.policies()
    findings = _by_plugin(cycle.findings if cycle else ())
    executions = state.executions(open_only=True, limit=MOST_OPEN_EXECUTIONS)
    return FleetIndex(
        rows=rows,
        names=names,
        place={name: i for i, name in enumerate(names)},
        findings=findings,
        silences=_by_plugin(cycle.silences if cycle else ()),
        open_suggestions=state.count_open_suggestions(),
        running={e.change.plugin_id: e.id for e in executions if e.state not in FINAL},
        policies=policies,
        rank=np.array(
            [_rank(status, findings.get(n, ())) for n, (_, status, _) in zip(names, rows, strict=True)], np.int8
        ),
        score=np.array([_score(findings.get(name, ())) for name in names], np.int8),
        stale_seconds=np.array([policies.of(name).stale_seconds for name in names], np.float64),
        measured_at=system.samples.last_values(names)[0],
        words=[_words(plugin) for plugin, _, _ in rows],
        touchpoints=dict(sorted(Counter(plugin.touchpoint for plugin, _, _ in rows).items())),
        labels=_labels(rows),
    )


def _by_plugin(told: Iterable[About]) -> Mapping[str, Sequence[About]]:
    found: dict[str, list[About]] = {}
    for one in told:
        found.setdefault(one.plugin_id, []).append(one)
    return found


def _rank(status: PluginStatus, findings: Sequence[Finding]) -> int:
    if status is PluginStatus.INACTIVE:
        return INACTIVE
    if status is PluginStatus.UNKNOWN:
        return UNKNOWN
    severities = {finding.severity for finding in findings}
    return CRITICAL if Severity.CRITICAL in severities else WARNING if Severity.WARNING in severities else OK


def _score(findings: Sequence[Finding]) -> int:
    return round(SCORE_STEPS * max((finding.score for finding in findings), default=0.0))


def _labels(rows: Iterable[Row]) -> Mapping[str, Mapping[str, int]]:
    """Return how often each value of each label occurs: of the keys that most plugins have, the most frequent values."""
    counts: dict[str, Counter[str]] = {}
    for plugin, _, _ in rows:
        for key, value in plugin.labels.items():
            counts.setdefault(key, Counter())[value] += 1
    frequent = sorted(counts, key=lambda key: (-counts[key].total(), key))[:MOST_KEYS]
    return {key: dict(sorted(counts[key].most_common(MOST_VALUES))) for key in sorted(frequent)}


def _words(plugin: Plugin) -> str:
    """Return what a search looks into: the name, the touchpoint, and the labels as `key=value`."""
    labels = (f"{key}={value}" for key, value in plugin.labels.items())
    return "\n".join((plugin.plugin_id, plugin.touchpoint, *labels)).casefold()
