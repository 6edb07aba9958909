"""The parts of one application, which share its workers: who takes them, and whom that keeps waiting."""

from dataclasses import dataclass

import numpy as np

from ..domain import Fleet, PluginView, RequestTrace

BLUEPRINT = "blueprint"  # the attribute of a request's context, and the key in a part's address
MOST_OF_IT = 0.5  # of the time that workers are taken: then the part is named


@dataclass(frozen=True, slots=True)
class Taking:
    """A part of an application and the share of its workers' time that its requests take."""

    part: str
    share: float


def host_of(view: PluginView, fleet: Fleet) -> PluginView | None:
    """Return the application that a part belongs to; None for what is no part, or whose host is not known."""
    return fleet.views.get(view.plugin.address.get("host", "")) if BLUEPRINT in view.plugin.address else None


def busiest_part(view: PluginView, trace: RequestTrace) -> Taking | None:
    """Return the Blueprint whose requests take most of the time that workers of the host are taken; None where none takes half."""
    contexts, place = np.unique(trace.context, return_inverse=True)
    seconds = np.bincount(place, weights=trace.wall, minlength=len(contexts))
    taken: dict[str, float] = {}
    for context, each in zip(contexts.tolist(), seconds.tolist(), strict=True):
        known = view.attributes.get(context)
        part = dict(known.values).get(BLUEPRINT, "") if known is not None else ""
        taken[part] = taken.get(part, 0.0) + each
    total, part = sum(taken.values()), max(taken, key=lambda name: taken[name], default="")
    if not part or len(taken) < 2 or taken[part] < MOST_OF_IT * total:
        return None
    return Taking(part, taken[part] / total)
