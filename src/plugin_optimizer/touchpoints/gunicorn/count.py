"""How many workers a master has: told once it can be told from a reload, a crash, or a fork that becomes something else.

A reload (HUP) forks a whole new generation and ends the old one up to a second later; a worker that died is missing until
it is replaced. Such counts are nobody's value. From the processes alone they are known by who came and who went since the
last count, and by how long they stand.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ...domain import Unobservable
from ..process_identity import ProcessIdentity, ProcessStat
from .process import Master, present_workers, settled
from .sense import WorkerKeys, worker_keys

LOOK_AGAIN_SECONDS = 0.02
COUNTING_SECONDS = 0.75  # then whoever asked is told that it cannot be told, and asks again
STANDS_SECONDS = 0.5  # one worker more or less, or a generation that is new altogether
MIXED_STANDS_SECONDS = 3.0  # two generations may be there: as many came as there were, while old ones stayed


@dataclass(frozen=True, slots=True)
class Count:
    """The workers told last, and since when (monotonic seconds) those that are there now have been there.

    `asked`: we ourselves have asked for one more since.
    """

    master: ProcessIdentity
    told: WorkerKeys
    present: WorkerKeys
    since: float
    asked: bool = False


@dataclass(slots=True)
class Counting:
    """Remembers the last count of each plugin; without one, what is there is told as soon as no worker is new."""

    last: dict[str, Count] = field(default_factory=dict)
    present: Callable[[Master], list[ProcessStat]] = present_workers

    def workers(self, plugin_id: str, master: Master, leaving: WorkerKeys = frozenset()) -> Sequence[ProcessStat]:
        """Return the live workers without those that we told to go. Waits for up to `COUNTING_SECONDS`.

        Raises Gone, Unobservable (also for a service whose workers come and end all the time: its count is no value).
        """
        deadline = time.monotonic() + COUNTING_SECONDS
        while True:
            present, now = staying(self.present(master), leaving), time.monotonic()
            if present and settled(present) == present and self._tells(plugin_id, master, worker_keys(present), now):
                return present
            if now > deadline:
                raise Unobservable(
                    f"the workers of {master.pid} cannot be counted now: {len(present)} are there, and they come and go "
                    "(a reload; if it stays so, its log says why they end)"
                )
            time.sleep(LOOK_AGAIN_SECONDS)

    def ask_for_one_more(self, plugin_id: str) -> None:
        """Take note that the next worker that comes is one we have asked for."""
        last = self.last.get(plugin_id)
        if last is not None:
            self.last[plugin_id] = replace(last, asked=True)

    def _tells(self, plugin_id: str, master: Master, present: WorkerKeys, now: float) -> bool:
        """Take note of who is there; tell whether their number may be told."""
        last = self.last.get(plugin_id)
        if last is None or last.master != master.identity:
            self.last[plugin_id] = Count(master.identity, present, present, now)
            return True
        since = last.since if last.present == present else now
        tells = now - since >= stands_seconds(last.told, present, asked=last.asked)
        asked = last.asked and not (tells and present != last.told)
        self.last[plugin_id] = Count(master.identity, present if tells else last.told, present, since, asked)
        return tells


def staying(workers: Iterable[ProcessStat], leaving: WorkerKeys) -> list[ProcessStat]:
    return [stat for stat in workers if (stat.pid, stat.start_ticks) not in leaving]


def stands_seconds(told: WorkerKeys, present: WorkerKeys, *, asked: bool = False) -> float:
    """Return for how long workers have to be there before their number is told, by those told before.

    `asked`: one more was asked for by us, so that a second one beside the first is taken for that.

    | told  | present | what it may be          | seconds |
    |-------|---------|-------------------------|---------|
    | a b   | a c     | a worker was replaced   | 0       |
    | a b   | c d     | a reload is over        | 0       |
    | a b   | a b c   | one more                | 0.5     |
    | a b   | a       | one less, or a crash    | 0.5     |
    | a b c | d e     | a reload is over        | 0.5     |
    | a     | a b     | two generations, or one more | 3  |
    | a b   | a b c d | two generations         | 3       |
    | a b c | a d     | the old ones are going  | 3       |
    """
    came, stayed = present - told, present & told
    if len(present) == len(told):
        return 0.0
    two_generations = len(came) >= len(told) and bool(stayed) and not (asked and len(came) == 1)
    one_more_or_less = abs(len(present) - len(told)) == 1 and (not came or len(came) == len(present) - len(told))
    return STANDS_SECONDS if (one_more_or_less and not two_generations) or not stayed else MIXED_STANDS_SECONDS
