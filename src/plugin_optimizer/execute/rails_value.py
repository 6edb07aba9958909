"""Rails on the value: never out of bounds, never zero, not for nothing, not too far at once."""

from typing import TypeGuard

from ..domain import Message, Purpose, Value
from ..models.pace import STEP_SECONDS, most_workers, too_far
from .preflight import beyond
from .rails_case import Case

LARGEST = 10**15  # what a float still holds exactly, with room to spare
NEVER_ZERO = frozenset(
    {"workers", "worker_limit", "threads", "cache_size", "cpu_limit", "memory_limit", "memory_high"}
)  # a plugin without any of these serves nobody
WORKER_KINDS = frozenset({"workers", "worker_limit"})  # how many there are, or how many an autoscaler may start
SMALL_INTEGER = 20  # up to here one unit is a change worth making
DEAD_BAND_PARTS = 10  # a change of less than a tenth is not worth its risk (Kubernetes HPA: tolerance 0.1)


def bounds(case: Case) -> Message | None:
    """Refuse what the knob, the policy or the cores do not allow, whoever asks."""
    after = case.change.after
    if _is_number(after) and not -LARGEST <= after <= LARGEST:
        return Message("out_of_bounds", {"minimum": -LARGEST, "maximum": LARGEST})
    named = case.change.ends_life  # which life is meant is looked at by whoever ends it
    if case.knob is not None and not named and (refusal := beyond(case.knob, after)) is not None:
        return refusal
    if not _is_number(after):
        return None
    if case.kind in NEVER_ZERO and not after >= 1:
        return Message("rail_zero", {"knob": case.change.knob, "after": after})
    needed = None if case.knob is None else case.knob.needed
    if needed is not None and after < needed and _shrinks(case, after):
        return Message("rail_needed", {"knob": case.change.knob, "after": after, "needed": needed})
    return _worker_bounds(case, after) if case.kind in WORKER_KINDS else None


def worth_it(case: Case) -> Message | None:
    """Refuse a change too small to be told from noise; what repairs is exempt (it goes back to what was known good)."""
    before, after = case.change.before, case.change.after
    if before == after:
        return Message("rail_dead_band", {"knob": case.change.knob, "before": before, "after": after})
    if not (_is_number(before) and _is_number(after)) or case.change.goal.purpose is Purpose.REPAIR:
        return None
    if isinstance(before, int) and isinstance(after, int) and max(abs(before), abs(after)) <= SMALL_INTEGER:
        return None
    if abs(after - before) * DEAD_BAND_PARTS < abs(before):
        return Message("rail_dead_band", {"knob": case.change.knob, "before": before, "after": after})
    return None


def not_too_far(case: Case) -> Message | None:
    """Refuse an automatic change of more than +50 % or −20 % (or one step, where that is more) in five minutes."""
    before, after = case.change.before, case.change.after
    if not case.automatic or not (_is_number(before) and _is_number(after)):
        return None
    least = case.knob.step if case.knob is not None else 1
    for start in (before, _value_before(case)):
        if too_far(start, after, least):
            return Message("rail_step", {"knob": case.change.knob, "before": start, "after": after})
    return None


def _worker_bounds(case: Case, after: float) -> Message | None:
    policy, pool = case.policy, case.pool
    if not policy.min_workers <= after <= policy.max_workers:
        allowed = {"policy_minimum": policy.min_workers, "policy_maximum": policy.max_workers}
        return Message("out_of_bounds", {"knob": case.change.knob, "after": after, **allowed})
    if pool is None or after <= most_workers(policy, pool.kind, pool.cores) or _shrinks(case, after):
        return None
    return Message("rail_cores", {"after": after, "maximum": most_workers(policy, pool.kind, pool.cores)})


def _shrinks(case: Case, after: float) -> bool:
    """Tell whether the value becomes smaller: a pool that is too large already may."""
    return _is_number(case.change.before) and after < case.change.before


def _value_before(case: Case) -> float:
    """Return where the knob stood five minutes ago, as far as we turned it since."""
    turned = [
        (e.applied_at, e.change.before)
        for e in case.others()
        if e.change.plugin_id == case.plugin.plugin_id
        and e.change.knob == case.change.knob
        and e.applied_at is not None
        and e.applied_at > case.now - STEP_SECONDS
    ]
    start = min(turned, key=lambda pair: pair[0])[1] if turned else case.change.before
    return start if _is_number(start) else case.change.before  # type: ignore[return-value]


def _is_number(value: Value) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
