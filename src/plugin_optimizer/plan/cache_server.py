"""The room and the policy of a cache server, computed from a sample of the keys it was asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from ..domain import (
    CacheServer,
    Change,
    Direction,
    Finding,
    FindingKind,
    Fleet,
    Goal,
    Knob,
    Message,
    Metric,
    Parameter,
    PluginView,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    Silence,
    SuggestionType,
    Window,
)
from ..models.cache_room import (
    CLIFF_MARGIN,
    CLIFF_POINTS,
    MODEL_POINTS,
    NEAR_POINTS,
    Room,
    allowed_bytes,
    refuses_writes,
    room_at,
    wanted_room,
)
from ..models.pace import first_step
from ..models.series import lately, until
from ..models.standing import reason_to_wait

LEAST_GAIN_POINTS = 0.03  # of hit ratio: what the judge can tell from none
EVICTING = "allkeys-lru"


@dataclass(frozen=True, slots=True)
class CacheServerPlanner:
    """Suggests the smallest limit within `near_points` of the best hit ratio that memory allows; and another policy where
    the present one makes writes fail. Never suggests less room: what a cache holds would be lost for nothing.
    """

    name: str = "cache_server"
    gain_points: float = 0.05
    near_points: float = NEAR_POINTS
    cliff_points: float = CLIFF_POINTS
    cliff_margin: float = CLIFF_MARGIN
    model_points: float = MODEL_POINTS
    memory_share: float = 0.85

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            if view.server is None:
                continue
            own = tuple(f for f in findings if f.plugin_id == plugin_id and f.kind is FindingKind.CACHE)
            outcome = reason_to_wait(view, window, fleet) or self._of(view, view.server, window, own)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(
        self, view: PluginView, server: CacheServer, window: Window, findings: tuple[Finding, ...]
    ) -> Proposal | Message:
        if server.is_queue:
            return Message("cache_is_queue")
        errors = lately(window, view.plugin.plugin_id, Metric.ERROR_RATIO)
        if findings and refuses_writes(server, errors):
            return _other_policy(view, server, errors, findings)
        if not findings:
            return Message(server.curve_missing or "cache_fits")
        if not abs(server.model_error_ratio) <= self.model_points:
            return Message("model_not_valid", {"error_ratio": abs(server.model_error_ratio)})
        knob = next((knob for knob in view.knobs if knob.name == server.knob), None)
        if knob is None:
            return _advice(view, server, findings, self._wanted(server, Knob(server.knob, server.limit_bytes), inf))
        if knob.value != server.limit_bytes or isinstance(knob.value, str | bool):
            return Message("cache_limit_changing", {"memory_bytes": server.limit_bytes})
        most = allowed_bytes(view, server, knob, window, self.memory_share)
        room = self._wanted(server, knob, most)
        present = room_at(server, server.limit_bytes)
        if room.limit_bytes <= server.limit_bytes or room.point.low - present.point.low < self.gain_points:
            return Message("cache_at_memory_bound", {"memory_bytes": server.limit_bytes, "limit_bytes": most})
        return self._proposal(view, server, knob, room, present, window, findings)

    def _wanted(self, server: CacheServer, knob: Knob, most: float) -> Room:
        return wanted_room(server, knob, most, self.near_points, self.cliff_points, self.cliff_margin)

    def _proposal(
        self,
        view: PluginView,
        server: CacheServer,
        knob: Knob,
        wanted: Room,
        present: Room,
        window: Window,
        findings: tuple[Finding, ...],
    ) -> Proposal:
        plugin_id, before = view.plugin.plugin_id, server.limit_bytes
        step = first_step(view.policy, knob, before, wanted.limit_bytes)
        room = room_at(server, step)
        if room.point.low - present.point.low < LEAST_GAIN_POINTS:
            step, room = wanted.limit_bytes, wanted
        counted = lately(window, plugin_id, Metric.CACHE_HIT_RATIO)
        observed = counted if counted == counted else present.point.expected
        prediction = Prediction(
            Metric.CACHE_HIT_RATIO, observed, room.point.expected, room.low, room.high, model="ghost_curve"
        )
        evidence = [*_said(findings, prediction), _fills(room), _sampled(server)]
        if step != wanted.limit_bytes:
            evidence.insert(
                0,
                Message(
                    "first_room", {"before_bytes": before, "after_bytes": step, "wanted_bytes": wanted.limit_bytes}
                ),
            )
        goal = Goal(
            metric=Metric.CACHE_HIT_RATIO,
            direction=Direction.UP,
            purpose=Purpose.IMPROVE,
            least_effect=LEAST_GAIN_POINTS,
            guards=(Metric.ERROR_RATIO, Metric.MEMORY_BYTES),
            fill_seconds=room.fill_seconds,
        )
        return Proposal(
            plugin_id=plugin_id,
            type=SuggestionType.ADJUST_CACHE,
            title=Message("adjust_cache_room", {"from_bytes": before, "to_bytes": step}),
            change=Change(plugin_id, knob.name, before, step, goal),
            prediction=prediction,
            risk=Risk.LOW,
            confidence=_confidence(server, room),
            findings=findings,
            evidence=tuple(evidence),
            side_effects=_memory(view, server, step, window),
            judged_by=Message("judged_by_hit_ratio"),
            details=_details(server, step),
        )


def _other_policy(
    view: PluginView, server: CacheServer, errors: float, findings: tuple[Finding, ...]
) -> Proposal | Message:
    """Return the way out of failing writes: evict. Only right where every key can be computed anew, so a person decides."""
    knob = next((knob for knob in view.knobs if knob.kind == "cache_policy"), None)
    if knob is None or EVICTING not in knob.choices:
        return Message(server.forbidden or "no_knob", {"kind": "cache_policy"})
    plugin_id = view.plugin.plugin_id
    goal = Goal(Metric.ERROR_RATIO, Direction.DOWN, Purpose.REPAIR, slo=view.policy.error_ratio)
    evidence = [message for finding in findings for message in finding.evidence]
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.ADJUST_CACHE,
        title=Message("adjust_cache_policy", {"from": server.policy, "to": EVICTING}),
        change=Change(plugin_id, knob.name, server.policy, EVICTING, goal),
        prediction=Prediction(Metric.ERROR_RATIO, errors, 0.0, 0.0, errors / 2, model="eviction"),
        risk=Risk.HIGH,
        confidence=0.6,
        findings=findings,
        evidence=(*evidence, Message("cache_will_evict", {"policy": EVICTING})),
        judged_by=Message("judged_by_errors", {"slo_ratio": view.policy.error_ratio}),
    )


def _advice(view: PluginView, server: CacheServer, findings: tuple[Finding, ...], room: Room) -> Proposal | Message:
    """Return what a person can do who may set what we may not."""
    if room.limit_bytes <= server.limit_bytes:
        return Message("cache_fits")
    return Proposal(
        plugin_id=view.plugin.plugin_id,
        type=SuggestionType.ADJUST_CACHE,
        title=Message("adjust_cache_room", {"from_bytes": server.limit_bytes, "to_bytes": room.limit_bytes}),
        change=None,
        prediction=None,
        risk=Risk.LOW,
        confidence=_confidence(server, room),
        findings=findings,
        evidence=(
            *(m for f in findings for m in f.evidence),
            _sampled(server),
            Message(server.forbidden or "no_knob", {"kind": "cache_size"}),
        ),
        details=_details(server, room.limit_bytes),
    )


def _confidence(server: CacheServer, room: Room) -> float:
    spread = (room.high - room.low) / 2
    return max(0.3, min(0.95, 0.95 - abs(server.model_error_ratio) - spread))


def _said(findings: tuple[Finding, ...], prediction: Prediction) -> list[Message]:
    """Return what was found, with the figures of the prediction: one card says one thing."""
    figures = {"hit_ratio": prediction.before, "reachable_ratio": prediction.expected}
    return [Message(m.code, {**m.params, **figures}) for finding in findings for m in finding.evidence]


def _sampled(server: CacheServer) -> Message:
    return Message(
        "keys_sampled",
        {
            "keys": server.sampled_keys,
            "span_seconds": server.recorded_seconds,
            "error_ratio": abs(server.model_error_ratio),
        },
    )


def _fills(room: Room) -> Message:
    return Message("cache_fills", {"fill_seconds": room.fill_seconds})


def _memory(view: PluginView, server: CacheServer, limit_bytes: int, window: Window) -> tuple[Prediction, ...]:
    memory = lately(window, view.plugin.plugin_id, Metric.MEMORY_BYTES)
    added = max(0.0, min(float(limit_bytes), server.bytes_of(server.curve[-1].entries)) - server.used_bytes)
    if not memory > 0 or not added:
        return ()
    return (
        Prediction(
            Metric.MEMORY_BYTES, memory, memory + added, memory + 0.5 * added, memory + 1.5 * added, model="entry_bytes"
        ),
    )


def _details(server: CacheServer, limit_bytes: int) -> Mapping[str, Parameter | list[object] | dict[str, object]]:
    """Return figures for the curious: the curve over limits, the present and the suggested one among them."""
    sizes = {round(server.bytes_of(p.entries)) for p in server.curve}
    larger = {size for size in sizes if size > server.limit_bytes}
    curve = [
        {"size_bytes": size, "hit_ratio": room_at(server, size).point.expected}
        for size in sorted({server.limit_bytes, limit_bytes, *larger})
    ]
    return {
        "curve": [*curve],
        "sampled_keys": server.sampled_keys,
        "entry_bytes": server.entry_bytes,
        "model_error_ratio": server.model_error_ratio,
    }
