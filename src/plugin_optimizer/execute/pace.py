"""How often the judge is asked: not at every tick, as a look at samples and requests costs something."""

import math
from dataclasses import dataclass, field

JUDGE_SECONDS = 5.0


@dataclass(slots=True)
class Pace:
    """Remembers when each execution was judged last: an unchanged verdict leaves no trace in its record."""

    judged_at: dict[str, float] = field(default_factory=dict)

    def due(self, execution_id: str, now: float) -> bool:
        """Tell whether it is time to judge again; for five seconds from then on it is not. A clock set back makes it so."""
        if 0 <= now - self.judged_at.get(execution_id, -math.inf) < JUDGE_SECONDS:
            return False
        self.judged_at[execution_id] = now
        return True

    def at_once(self, execution_id: str) -> None:
        """Make it time to judge again."""
        self.judged_at.pop(execution_id, None)

    def forget(self, open_ids: frozenset[str]) -> None:
        """Forget what is no longer open."""
        self.judged_at = {key: at for key, at in self.judged_at.items() if key in open_ids}
