"""Why data of a plugin was not believed, said where people ask why it is silent."""

from collections import defaultdict
from collections.abc import Iterable

from ..domain import Message, Refusal, Silence

GATE = "gate"


def silences_of(refusals: Iterable[Refusal]) -> tuple[Silence, ...]:
    """Return one silence for each plugin and reason, with how many samples of which metrics were refused."""
    found: dict[tuple[str, str], list[Refusal]] = defaultdict(list)
    for refusal in refusals:
        found[refusal.plugin_id, refusal.reason].append(refusal)
    return tuple(
        Silence(plugin_id, GATE, _said(reason, together)) for (plugin_id, reason), together in sorted(found.items())
    )


def _said(reason: str, refusals: list[Refusal]) -> Message:
    count = sum(refusal.count for refusal in refusals)
    metrics = ", ".join(sorted({refusal.metric for refusal in refusals}))
    return Message(f"gate_{reason}", {"refused": count, "metrics": metrics})
