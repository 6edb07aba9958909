"""Lets a peer's rule turn a running service, and notes how many workers there are."""

import asyncio
import time
from dataclasses import dataclass, field

from .rules import Rule, Seen
from .sending import Sender

LOOK_SECONDS = 0.25
MEMORY_SECONDS = 5.0
P95_SECONDS = 60.0


@dataclass(slots=True)
class Watch:
    """The number of workers each LOOK_SECONDS, and their resident bytes each MEMORY_SECONDS, by seconds since the start."""

    sender: Sender
    counts: list[tuple[float, int]] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    busy_slot_seconds: float = 0.0
    slot_seconds: float = 0.0

    async def run(self, began: float) -> None:
        while True:
            workers = await asyncio.to_thread(lambda: len(self.sender.pool.workers()))
            now = time.monotonic() - began
            self.counts.append((now, workers))
            if not self.memory or now - self.memory[-1][0] >= MEMORY_SECONDS:
                self.memory.append((now, await asyncio.to_thread(self.sender.pool.memory_bytes)))
            slots = max(1, workers * self.sender.pool.service.threads)
            self.busy_slot_seconds += min(self.sender.in_flight, slots) * LOOK_SECONDS
            self.slot_seconds += slots * LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS)


async def steer(rule: Rule, sender: Sender, watch: Watch, most_workers: int, slo_seconds: float) -> None:
    """Ask the rule at its interval and do what it says, within 1 and `most_workers`."""
    busy, slots, cpu, at = 0.0, 0.0, sender.pool.cpu_seconds(), time.monotonic()
    while True:
        await asyncio.sleep(rule.interval_seconds)
        now, used = time.monotonic(), await asyncio.to_thread(sender.pool.cpu_seconds)
        workers = watch.counts[-1][1] if watch.counts else sender.pool.service.workers
        share = (watch.busy_slot_seconds - busy) / max(1e-9, watch.slot_seconds - slots)
        seen = Seen(
            at=now,
            workers=max(1, workers),
            in_flight=sender.in_flight,
            busy_ratio=min(1.0, share),
            cpu_cores=max(0.0, used - cpu) / (now - at),  # negative where a worker went: its time is gone with it
            mean_seconds=_mean([seconds for ended, seconds in sender.recent if ended >= at]),
            p95_seconds=_p95([seconds for ended, seconds in sender.recent if ended >= now - P95_SECONDS]),
            slo_seconds=slo_seconds,
        )
        busy, slots, cpu, at = watch.busy_slot_seconds, watch.slot_seconds, used, now
        wanted = min(most_workers, max(1, rule.decide(seen)))
        if wanted != workers:
            await asyncio.to_thread(sender.pool.turn, wanted)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))] if values else 0.0
