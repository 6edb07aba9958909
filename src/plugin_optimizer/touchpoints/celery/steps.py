"""One step of a worker's pool towards another number of processes."""

import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ...domain import Gone, Refused, Unobservable
from ..process_identity import ProcessIdentity, identify, send_signal
from .control import WorkerControl, WorkerStats
from .pause import RETURN_SECONDS, PauseFile, fetch_again
from .process import CeleryMaster, own_number
from .shrink import DRAIN_SECONDS, ShrinkOrder, collect_ended, start_shrinking

# A worker looks after its pool every 5 s (celery.concurrency.asynpool); then forking takes its time.
UNSEEN_SECONDS = 7.5
FRESH_SECONDS = 60.0  # for so long the reason why a shrink gave up answers the next order


@dataclass(frozen=True, slots=True)
class Growth:
    """More processes were asked for while `seen` were alive, so that there will be `wanted`; `at` in monotonic seconds."""

    worker: ProcessIdentity
    seen: int
    wanted: int
    at: float


@dataclass(slots=True)
class PoolSteps:
    """Takes steps. Remembers the last growth of each worker, which shows up to 5 s after it was ordered."""

    home: Path
    drain_seconds: float = DRAIN_SECONDS
    growths: dict[int, Growth] = field(default_factory=dict)

    def step(self, control: WorkerControl, master: CeleryMaster, live: int, to: int) -> None:
        """Order the way from `live` to `to` processes; nothing while an earlier order is still to show.

        Raises Refused (nothing happened), Unobservable (look).
        """
        wanted = self._wanted(master, live)
        if to > wanted:
            self._stop_shrinking(control)
            # On record before the deed: it may fail and happen all the same.
            self.growths[master.pid] = Growth(master.identity, live, to, time.monotonic())
            control.grow(to - wanted)
        elif to < live and wanted == live:
            self.shrink(control, master, live - to, None)

    def set_bounds(
        self, control: WorkerControl, master: CeleryMaster, stats: WorkerStats, bounds: tuple[int, int]
    ) -> None:
        """Give an autoscaler other bounds (most, fewest); processes beyond them go as a shrink goes. Raises Refused, Unobservable."""
        if stats.autoscale == bounds:
            return
        if len(stats.pids) > bounds[0]:
            self.shrink(control, master, len(stats.pids) - bounds[0], bounds)
        else:
            self._stop_shrinking(control)
            control.autoscale(*bounds)

    def shrink(
        self, control: WorkerControl, master: CeleryMaster, processes: int, bounds: tuple[int, int] | None
    ) -> None:
        """Start taking processes away; nothing while that is under way. Raises Refused: also with why it gave up before."""
        file = PauseFile(self.home, control.node)
        pause = file.read()
        if pause is not None and not pause.gave_up and not pause.orphaned:
            return
        if pause is not None and not pause.gave_up:
            self.bring_back(control)
        if pause is not None and pause.gave_up:
            file.clear()
            if time.time() - pause.at < FRESH_SECONDS:
                raise Refused(f"no process of {control.node} can go now: {pause.gave_up}; it fetches tasks as before")
        start_shrinking(
            ShrinkOrder(
                url=control.url,
                node=control.node,
                home=str(self.home),
                pid=master.pid,
                start_ticks=master.identity.start_ticks,
                own_number=own_number(master.pid),
                processes=processes,
                bounds=bounds,
                seconds=self.drain_seconds,
            )
        )

    def bring_back(self, control: WorkerControl, seconds: float = 3.0) -> None:
        """Let a worker fetch again whose consumer somebody cancelled and did not bring back: that one died."""
        collect_ended()
        file = PauseFile(self.home, control.node)
        pause = file.read()
        if pause is not None and not pause.gave_up and pause.orphaned and fetch_again(control, pause, seconds):
            file.clear()

    def _stop_shrinking(self, control: WorkerControl) -> None:
        """End a shrink that is under way: the way is now the other one. Raises Unobservable where it does not end."""
        file, deadline = PauseFile(self.home, control.node), time.monotonic() + self.drain_seconds + RETURN_SECONDS
        while (pause := file.read()) is not None and not pause.gave_up and not pause.orphaned:
            with suppress(Refused, Gone):  # on its way back it is deaf, or has ended
                send_signal(identify(pause.by_pid), signal.SIGTERM)
            time.sleep(0.1)
            if time.monotonic() > deadline:
                raise Unobservable(f"{control.node} is being shrunk, and that does not end")
        self.bring_back(control)
        if pause is not None and pause.gave_up:
            file.clear()

    def _wanted(self, master: CeleryMaster, live: int) -> int:
        """Return how many processes there will be, as far as we know."""
        growth = self.growths.get(master.pid)
        if growth is None or growth.worker != master.identity or not growth.seen <= live < growth.wanted:
            return live
        return growth.wanted if time.monotonic() - growth.at < UNSEEN_SECONDS else live
