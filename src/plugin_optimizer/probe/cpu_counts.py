"""What was counted of CPU: what each part used, and which functions looks found at work in it."""

from .profile import CpuEntry
from .stacks import Work

_ENTRIES_AT_MOST = 5_000
_OTHER = Work("other", "", "", request=False)


class Counts:
    """Seconds of CPU by part ('' outside of requests), shared out to the work that looks found there.

    What each part used is exact. A look weighs what its thread used since the look before, whoever used it: then every moment of a
    request is as likely to be seen as any other, and its beginning and end count like its middle.
    """

    def __init__(self) -> None:
        self._used: dict[str, float] = {}
        self._seen: dict[tuple[str, Work], list[float]] = {}  # weight, looks

    def used(self, part: str, seconds: float) -> None:
        self._used[part] = self._used.get(part, 0.0) + seconds

    def seen(self, part: str, work: Work, weight: float) -> None:
        """Count a look that found this work; `weight` in seconds."""
        key = (part, work)
        if key not in self._seen and len(self._seen) >= _ENTRIES_AT_MOST:
            key = (part, _OTHER)
        counted = self._seen.setdefault(key, [0.0, 0.0])
        counted[0] += weight
        counted[1] += 1.0

    def entries(self) -> list[CpuEntry]:
        """Return all, most CPU first. A part that no look has found is told as `other`."""
        seen, used = dict(self._seen), dict(self._used)
        weights: dict[str, float] = {}
        for (part, _), (weight, _looks) in seen.items():
            weights[part] = weights.get(part, 0.0) + weight
        found = [
            _entry(part, work, used.get(part, 0.0) * weight / weights[part], int(looks))
            for (part, work), (weight, looks) in seen.items()
            if weights[part] > 0.0
        ]
        found += [_entry(part, _OTHER, seconds, 0) for part, seconds in used.items() if not weights.get(part)]
        return sorted(found, key=lambda entry: -entry.cpu_seconds)


def _entry(part: str, work: Work, seconds: float, looks: int) -> CpuEntry:
    return CpuEntry(part, work.hook, work.package, work.function, seconds, looks)
