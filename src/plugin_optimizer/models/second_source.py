"""Do the processes, seen from outside, agree with what the requests say of themselves?

What a plugin records of its own requests can be wrong, or a lie (facts on reliability, I1, T1, T2). The CPU time of its
processes is measured by somebody else: work that nobody recorded shows there, and so does work that was never done.
"""

from dataclasses import replace

import numpy as np

from ..domain import Fleet, Message, Metric, PluginView, Proposal, Window
from .series import columns_of, recorded

SPAN_SECONDS = 60.0
LEAST_COVERAGE = 0.9  # of the looks in that time
DIVERGENCE = 1.25  # beyond a quarter the two do not speak of the same work
IDLE_CORES = 0.02  # of each worker: what it uses while it waits
REQUEST_SECONDS = 0.003  # of CPU for each request, outside the handler that the probe sees
A_PERSONS_CONFIDENCE = 0.6  # below what automatic mode acts on
FULL = 1.05  # of the time of all slots: more than all of it cannot have been inside requests


def unconfirmed(view: PluginView, window: Window, fleet: Fleet) -> Message | None:
    """Return why no second source confirms how much work there is; None where one does.

    | processes against recorded requests       | answer           |
    |-------------------------------------------|------------------|
    | their CPU was not measured often enough    | one_source_only  |
    | they compute more than requests explain    | sources_disagree |
    | requests claim more than processes compute | sources_disagree |
    | requests claim more time than slots have   | sources_disagree |
    | otherwise                                  | None             |
    """
    plugin_id, pool = view.plugin.plugin_id, view.pool
    looks = window.of(plugin_id, Metric.CPU_CORES)[-columns_of(window, SPAN_SECONDS) :]
    known = ~np.isnan(looks)
    if not len(looks) or known.mean() < LEAST_COVERAGE:
        coverage = float(known.mean()) if len(looks) else 0.0
        return Message("one_source_only", {"metric": Metric.CPU_CORES.value, "coverage_ratio": coverage})
    cores = float(looks[known].mean())
    trace = recorded(view.trace, fleet.now - SPAN_SECONDS, fleet.now)
    workers, slots = (pool.workers, pool.workers * pool.threads) if pool else (1, 1)
    claimed, inside = (float(column.sum()) / SPAN_SECONDS for column in (trace.cpu, trace.wall))
    idle = IDLE_CORES * workers
    hidden = cores > DIVERGENCE * claimed + REQUEST_SECONDS * len(trace) / SPAN_SECONDS + idle
    invented = claimed > DIVERGENCE * cores + idle or inside > FULL * slots
    if hidden or invented:
        return Message("sources_disagree", {"measured_cores": cores, "recorded_cores": claimed})
    return None


def for_a_person(proposal: Proposal, doubt: Message) -> Proposal:
    """Return the proposal as one that a person has to decide on, with the doubt among its evidence."""
    confidence = min(proposal.confidence, A_PERSONS_CONFIDENCE)
    said = Message("unconfirmed", doubt.params) if doubt.code == "one_source_only" else doubt
    return replace(proposal, confidence=confidence, evidence=(*proposal.evidence, said))
