"""What is counted on the way: looks, and for what reasons nothing was said."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..domain import Message, Proposal, Silence
from .report import Quiet

TELLING_PLANNER = "workers"  # of all that are silent about a plugin, the one whose reason says most


@dataclass(slots=True)
class Tally:
    """Counts over the looks of a replay; `silent` by plugin and planner, by reason code."""

    looks: int = 0
    by_minutes: int = 0
    recorded: int = 0
    silent: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    reasons: dict[tuple[str, str, str], Message] = field(default_factory=dict)

    def count(self, thoughts: Iterable[Proposal | Silence], by_minutes: bool, recorded: bool) -> None:
        """Take note of one look."""
        self.looks += 1
        self.by_minutes += by_minutes
        self.recorded += recorded
        for thought in thoughts:
            if isinstance(thought, Silence):
                place = (thought.plugin_id, thought.planner)
                self.silent.setdefault(place, Counter())[thought.reason.code] += 1
                self.reasons[(*place, thought.reason.code)] = thought.reason

    def quiet(self, plugin_id: str) -> Quiet | None:
        """Return why a plugin was silent for most often; None where no planner said so."""
        planners = sorted(planner for name, planner in self.silent if name == plugin_id)
        if not planners:
            return None
        planner = TELLING_PLANNER if TELLING_PLANNER in planners else planners[0]
        code, looks = self.silent[plugin_id, planner].most_common(1)[0]
        return Quiet(plugin_id, self.reasons[plugin_id, planner, code], looks, self.looks)
