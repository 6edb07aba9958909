"""What was counted of CPU: to the function that a look found at work, or only to the part whose request used it."""

from .profile import CpuEntry
from .stacks import Work

_ENTRIES_AT_MOST = 5_000
_OTHER = Work("other", "", "", request=False)


class Counts:
    """Seconds of CPU by part ('' outside of requests) and work."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Work], list[float]] = {}  # seconds, looks
        self._unseen: dict[str, float] = {}

    def seen(self, part: str, work: Work, seconds: float) -> None:
        """Count what this work used up to the look that found it."""
        key = (part, work)
        if key not in self._seen and len(self._seen) >= _ENTRIES_AT_MOST:
            key = (part, _OTHER)
        counted = self._seen.setdefault(key, [0.0, 0.0])
        counted[0] += seconds
        counted[1] += 1.0

    def unseen(self, part: str, seconds: float) -> None:
        """Count what a part used between two looks."""
        self._unseen[part] = self._unseen.get(part, 0.0) + seconds

    def entries(self) -> list[CpuEntry]:
        """Return all, most CPU first. What was not seen is shared out as what was seen of the same part."""
        seen, unseen = dict(self._seen), dict(self._unseen)
        totals: dict[str, float] = {}
        for (part, _), (seconds, _looks) in seen.items():
            totals[part] = totals.get(part, 0.0) + seconds
        found = [
            _entry(part, work, seconds * (1.0 + unseen.get(part, 0.0) / totals[part]), int(looks))
            for (part, work), (seconds, looks) in seen.items()
            if totals[part] > 0.0
        ]
        found += [_entry(part, _OTHER, seconds, 0) for part, seconds in unseen.items() if not totals.get(part)]
        return sorted(found, key=lambda entry: -entry.cpu_seconds)


def _entry(part: str, work: Work, seconds: float, looks: int) -> CpuEntry:
    return CpuEntry(part, work.hook, work.package, work.function, seconds, looks)
