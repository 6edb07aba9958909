"""What is behind a rise of errors: which exception, since when, for which requests, after which change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Attributes, ErrorGroup, PluginView, RequestTrace, SettingChange
from .errorgroups import failed, group_counts, group_named
from .proportions import wilson
from .slices import Leaf, Slice, rank_slices

Flags = NDArray[np.bool_]

CHANGE_BEFORE_SECONDS = 300.0  # a change may take that long to show
CHANGE_AFTER_SECONDS = 20.0  # it is noticed at the next looks, a few seconds after its first error
EARLY_RATE = 0.25
LEAST_EXPLAINED = 0.8  # share of the errors that one exception has to make up to be "the" error
LEAST_SHARE, LEAST_PURITY = 0.7, 0.5  # of a slice that "explains" the rise


@dataclass(frozen=True, slots=True)
class ErrorCause:
    """The errors since `onset` (Unix seconds). Ratios are over all requests since then, and before it.

    `group` is None where no exception was recorded, `slice` where nothing stands out, `change` where no setting
    changed about then. `before_high` is the upper 80 % bound of the ratio before.
    """

    fingerprint: int
    group: ErrorGroup | None
    errors: int
    requests: int
    share: float
    onset: float
    ratio: float
    before_ratio: float
    before_high: float
    others: int
    slice: Slice | None
    change: SettingChange | None
    candidates: tuple[SettingChange, ...]


def error_cause(
    view: PluginView, trace: RequestTrace, finding_since: float, settings: Sequence[SettingChange]
) -> ErrorCause | None:
    """Return what the recorded requests say about the most frequent error; None without a failed request."""
    counts = group_counts(trace.where(trace.end >= finding_since))
    if not counts:
        return None
    fingerprint, _ = counts[0]
    own = failed(trace) & (trace.error == fingerprint)
    onset = _onset(trace, own, finding_since)
    after, before = trace.end >= onset, trace.end < onset
    errors, requests = int((own & after).sum()), int(after.sum())
    all_errors = int((failed(trace) & after).sum())
    group = group_named(view.errors, fingerprint)
    found = _changes(settings, onset, group)
    bad_before = int((failed(trace) & before).sum())
    return ErrorCause(
        fingerprint=fingerprint,
        group=group,
        errors=errors,
        requests=requests,
        share=errors / max(1, all_errors),
        onset=onset,
        ratio=all_errors / max(1, requests),
        before_ratio=bad_before / max(1, int(before.sum())),
        before_high=wilson(bad_before, int(before.sum()))[1] if before.any() else 0.0,
        others=all_errors - errors,
        slice=_slice(view.attributes, trace, own, before),
        change=found[0] if found else None,
        candidates=found,
    )


def _onset(trace: RequestTrace, own: Flags, since: float) -> float:
    """Return when this error's ratio changed: the first error of the new level (`since` where there is none before).

    S_k = Σ_{i≤k} (x_i − mean) over x = 1 for the error, 0 else, is lowest just before the new level begins (the
    CUSUM estimate of a change point; Page 1954). By chance the new level may begin weakly: earlier errors belong
    to it as long as they came at a quarter of its rate at least.
    """
    if own.all() or not own.any():
        return since
    order = np.argsort(trace.end, kind="stable")
    x = own[order].astype(np.float64)
    errors = np.flatnonzero(x)
    boundary = int(np.argmin(np.cumsum(x - x.mean()))) + 1
    earlier = errors[errors < boundary]
    rate = float(x[boundary:].mean()) if boundary < len(x) else 1.0
    dense = earlier[(len(earlier) - np.arange(len(earlier))) >= EARLY_RATE * rate * (boundary - earlier)]
    first = dense[0] if len(dense) else errors[errors >= boundary][0] if (errors >= boundary).any() else errors[0]
    return float(trace.end[order][first])


def _changes(settings: Sequence[SettingChange], onset: float, group: ErrorGroup | None) -> tuple[SettingChange, ...]:
    """Return the changes that may have caused it, the nearest to the onset first.

    An exception that was seen well before a change is not caused by it.
    """
    near = [c for c in settings if onset - CHANGE_BEFORE_SECONDS <= c.at <= onset + CHANGE_AFTER_SECONDS]
    if group is not None:
        near = [c for c in near if group.first_seen >= c.at - CHANGE_AFTER_SECONDS]
    return tuple(sorted(near, key=lambda c: (abs(c.at - onset), c.knob)))


def _slice(
    attributes: Mapping[int, Attributes],
    trace: RequestTrace,
    own: Flags,
    before: Flags,
) -> Slice | None:
    """Return the combination of attributes that explains most of the rise, None where none stands out."""
    leaves = []
    for context in np.unique(trace.context).tolist():
        known = attributes.get(int(context))
        if known is None or not known.values:
            continue
        inside = trace.context == context
        counts = (inside & ~before, inside & own & ~before, inside & before, inside & own & before)
        leaves.append(Leaf(known.values, *(float(mask.sum()) for mask in counts)))
    if len(leaves) < 2:
        return None
    ranked = rank_slices(leaves)
    best = ranked[0] if ranked else None
    stands_out = best is not None and best.excess_share >= LEAST_SHARE and best.concentration >= LEAST_PURITY
    whole = best is not None and best.requests >= 0.95 * sum(leaf.requests for leaf in leaves)
    return best if stands_out and not whole else None
