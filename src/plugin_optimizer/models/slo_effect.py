"""What is unusual, as findings: by how much it hurts, not by how unusual it is."""

from collections.abc import Iterator

from ..domain import Finding, FindingKind, Fleet, Message, Metric, Policies, Severity, Unusual, Unusualness, Window
from .series import lately, until

LATELY_SECONDS = 120.0


def unusual_findings(fleet: Fleet, window: Window, policies: Policies, kind: Unusualness) -> Iterator[Finding]:
    """Yield what is unusual in one way about plugins of the window, begun by now, with what was expected."""
    window = until(window, fleet.now)
    present = frozenset(window.plugin_ids)
    for one in fleet.unusual:
        if one.kind is not kind or one.plugin_id not in present or one.since > fleet.now:
            continue
        band = {"metric": one.metric.value, "expected": one.expected, "low": one.low, "high": one.high}
        yield Finding(
            one.plugin_id,
            one.metric,
            FindingKind(kind.value),
            severity_of_effect(one, window, policies),
            certainty(one.score),
            one.since,
            one.value,
            one.high if one.rising else one.low,
            (Message(f"unusual_{kind}", band),),
        )


def severity_of_effect(unusual: Unusual, window: Window, policies: Policies) -> Severity:
    """Return WARNING where the plugin breaks a promise now, INFO where all of them are kept.

    Promises: the p95, the share of errors, and how full the memory may be, as means of the last two minutes. Traffic that
    doubles and hurts nobody is something to know, and nothing to wake up for.
    """
    policy = policies.of(unusual.plugin_id)
    promises = (
        (Metric.RESPONSE_TIME_P95_SECONDS, policy.response_time_seconds),
        (Metric.ERROR_RATIO, policy.error_ratio),
        (Metric.MEMORY_RATIO, policy.memory_ratio),
    )
    broken = any(lately(window, unusual.plugin_id, metric, LATELY_SECONDS) > limit for metric, limit in promises)
    return Severity.WARNING if broken else Severity.INFO


def certainty(score: float) -> float:
    """Return 0.5 where it is just worth a word, nearing 1 as it is more unusual."""
    return 1.0 - 0.5 / max(1.0, score)


def score_of(certain: float) -> float:
    """Return the score that a certainty was made from: 1 where it is just worth a word."""
    return 0.5 / max(1e-3, 1.0 - certain)
