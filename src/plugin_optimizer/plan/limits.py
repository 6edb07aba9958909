"""A larger limit of CPU or memory for a control group that its limit stops, kills, or is about to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor

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
from ..models.group_room import PERCENT, throttling, wanted_memory
from ..models.pace import first_step
from ..models.series import lately, until
from ..models.standing import reason_to_wait

CPU_LIMIT, MEMORY_LIMIT, MEMORY_HIGH = "cpu_limit", "memory_limit", "memory_high"
MEMORY_SHORT = (Metric.OOM_KILLS, Metric.MEMORY_RATIO)
LEAST_EFFECT = 0.2


@dataclass(frozen=True, slots=True)
class LimitsPlanner:
    """Suggests a CPU limit at which nothing is stopped any more, and half as much memory again where that runs out: never more than
    the host has, which the knob's bounds say. A limit that is larger than needed costs nothing, so none is made smaller.

    Somebody set the limit on purpose: the risk is never low, and a person decides.
    """

    name: str = "limits"

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id)
            outcomes = self._of(view, window, own, fleet)
            proposals = [outcome for outcome in outcomes if isinstance(outcome, Proposal)]
            yield from proposals
            if not proposals:
                yield Silence(plugin_id, self.name, next(o for o in outcomes if isinstance(o, Message)))

    def _of(
        self, view: PluginView, window: Window, findings: tuple[Finding, ...], fleet: Fleet
    ) -> list[Proposal | Message]:
        cpu, memory = _numeric(view.knob(CPU_LIMIT)), _lower(view)
        wait = reason_to_wait(view, window, fleet)
        if wait is not None:
            return [wait]
        if cpu is None and memory is None:
            return [Message("no_knob", {"kind": CPU_LIMIT})]
        throttled = tuple(f for f in findings if f.metric is Metric.THROTTLED_RATIO)
        short = tuple(f for f in findings if f.kind is FindingKind.THRESHOLD and f.metric in MEMORY_SHORT)
        found: list[Proposal | Message] = []
        if throttled and cpu is not None:
            found.append(_more_cpu(view, cpu, window, throttled))
        if short and memory is not None:
            leaks = any(f.kind is FindingKind.LEAK for f in findings)
            found.append(Message("leak_comes_first") if leaks else _more_memory(view, memory, window, short))
        return found or [Message("limits_suffice")]


def _numeric(knob: Knob | None) -> Knob | None:
    return knob if knob is not None and not isinstance(knob.value, str | bool) else None


def _lower(view: PluginView) -> Knob | None:
    """Return the memory limit that is met first."""
    knobs = (_numeric(view.knob(kind)) for kind in (MEMORY_HIGH, MEMORY_LIMIT))
    return min((knob for knob in knobs if knob is not None), key=lambda knob: float(knob.value), default=None)


def _more_cpu(view: PluginView, knob: Knob, window: Window, findings: tuple[Finding, ...]) -> Proposal | Message:
    plugin_id, before = view.plugin.plugin_id, float(knob.value)
    seen = throttling(window, plugin_id, before / PERCENT)
    if seen is None:
        return Message("too_little_data", {"needed_seconds": 60.0})
    most = floor(knob.maximum) if knob.maximum is not None else seen.wanted_percent()
    wanted = min(most, seen.wanted_percent())
    if wanted <= before:
        return Message("limit_at_host", {"before": before, "most_percent": most})
    step = _step(view, knob, wanted)
    ratio = seen.ratio_under(step / PERCENT)
    goal = Goal(Metric.THROTTLED_RATIO, Direction.DOWN, Purpose.IMPROVE, LEAST_EFFECT)
    evidence = [
        *_said(findings),
        Message("cpu_would_use", {"used_cores": seen.used_cores, "most_cores": seen.most_cores}),
    ]
    if step != wanted:
        evidence.append(Message("first_step", {"knob": knob.name, "before": before, "after": step, "wanted": wanted}))
    elif wanted == most < seen.wanted_percent():
        evidence.append(Message("limit_at_host", {"before": before, "most_percent": most}))
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.UPDATE_CONFIG,
        title=Message("raise_cpu_limit", {"from_percent": before, "to_percent": step}),
        change=Change(plugin_id, knob.name, knob.value, step, goal),
        prediction=Prediction(
            Metric.THROTTLED_RATIO, seen.ratio, ratio, 0.0, max(ratio, (seen.ratio + ratio) / 2), model="cpu_bandwidth"
        ),
        risk=Risk.MEDIUM,
        confidence=min(0.9, 0.5 + seen.ratio / 2),
        findings=findings,
        evidence=(*evidence, Message("limit_was_meant")),
        side_effects=_more_used(seen.used_cores, min(step / PERCENT, seen.most_cores)),
        judged_by=Message("judged_by_throttling"),
        details={"used_cores": seen.used_cores, "stopped_cores": seen.stopped_cores, "wanted_percent": wanted},
    )


def _more_used(used: float, most: float) -> tuple[Prediction, ...]:
    """Return what it costs others: CPU that it will use from now on."""
    if not used > 0:
        return ()
    return (Prediction(Metric.CPU_CORES, used, (used + most) / 2, used, max(used, most), model="cpu_bandwidth"),)


def _more_memory(view: PluginView, knob: Knob, window: Window, findings: tuple[Finding, ...]) -> Proposal | Message:
    plugin_id, before = view.plugin.plugin_id, float(knob.value)
    used = lately(window, plugin_id, Metric.MEMORY_BYTES)
    ratio = lately(window, plugin_id, Metric.MEMORY_RATIO)
    if not used > 0 or not ratio > 0:
        return Message("too_little_data", {"needed_seconds": 60.0})
    most = floor(knob.maximum) if knob.maximum is not None else wanted_memory(knob, used)
    wanted = min(most, wanted_memory(knob, used))
    if wanted <= before:
        return Message("memory_limit_at_host", {"limit_bytes": before, "most_bytes": most})
    step = _step(view, knob, wanted)
    least = ratio * before / step
    goal = Goal(Metric.MEMORY_RATIO, Direction.DOWN, Purpose.REPAIR, LEAST_EFFECT)
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.UPDATE_CONFIG,
        title=Message("raise_memory_limit", {"from_bytes": before, "to_bytes": step}),
        change=Change(plugin_id, knob.name, knob.value, step, goal),
        prediction=Prediction(
            Metric.MEMORY_RATIO,
            ratio,
            (ratio + least) / 2 if _killed(findings) else least,
            least,
            ratio,
            model="same_use",
        ),
        risk=Risk.MEDIUM,
        confidence=0.8,
        findings=findings,
        evidence=(
            *_said(findings),
            Message("memory_used", {"memory_bytes": used, "limit_bytes": before}),
            Message("limit_was_meant"),
        ),
        side_effects=(Prediction(Metric.MEMORY_BYTES, used, used, used, max(used, step * ratio), model="same_use"),),
        judged_by=Message("judged_by_memory_room"),
        details={"wanted_bytes": wanted, "most_bytes": most},
    )


def _killed(findings: Sequence[Finding]) -> bool:
    return any(finding.metric is Metric.OOM_KILLS for finding in findings)


def _step(view: PluginView, knob: Knob, wanted: int) -> int:
    return first_step(view.policy, knob, int(float(knob.value)), wanted)


def _said(findings: Sequence[Finding]) -> list[Message]:
    return [message for finding in findings for message in finding.evidence]
