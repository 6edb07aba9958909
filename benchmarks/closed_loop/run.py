"""One run: a scenario under one policy, from its start to its end; what happened goes to a JSON file.

`python -m benchmarks.closed_loop.run FOLDER POLICY SEED SECONDS OUT`, where POLICY is `engine`, `nothing`, `workers=N` or a peer.
"""

import asyncio
import json
import signal
import sys
import tempfile
import threading
import time
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .arrivals import arrivals
from .engine import Clicker, engine
from .pool import Pool, pools
from .queue_pool import QueuePool
from .queue_sending import QueueSender
from .rules import PEERS
from .scenario import Folder, Service, read
from .sending import Sender
from .steering import Watch, steer

ENGINE, NOTHING = "engine", "nothing"
CLICK_SECONDS = 1.0
MOST_WORKERS = 16
DEFAULT_SLO_SECONDS = 1.0
LOG_CHARACTERS = 4000


def run(folder: Folder, policy: str, seed: int, seconds: float) -> dict[str, Any]:
    """Return what the clients, the process table and (under `engine`) the API saw."""
    with tempfile.TemporaryDirectory(prefix="closed-loop-") as name, ExitStack() as stack:
        room = Path(name)
        home = room / "home"
        home.mkdir()
        fault_at = time.time() + folder.scenario.fault_at_seconds
        environment = {"PLUGIN_OPTIMIZER_HOME": str(home), "FAULT_AT": str(fault_at), "ROOM": str(room)}
        running = stack.enter_context(pools(folder, room, environment))
        for pool in running.values():
            if policy.startswith("workers="):
                pool.turn(int(policy.removeprefix("workers=")))
        clicker = None
        if policy == ENGINE:
            clicker = Clicker(stack.enter_context(engine(running, room, home)), time.monotonic())
        senders = [_sender(pool, folder.name, seed, seconds) for pool in running.values()]
        fault_seconds = max(0.0, fault_at - time.time())
        watches = asyncio.run(_drive(senders, policy, seconds, clicker))
        return _report(room, folder, policy, seed, seconds, senders, watches, clicker) | {
            "fault_seconds": fault_seconds
        }


def _sender(pool: Pool, scenario: str, seed: int, seconds: float) -> Sender:
    own = zlib.crc32(f"{scenario} {pool.service.name}".encode())  # or every scenario would have its busy minute at once
    due = arrivals(pool.service.load, seconds, (seed, own))
    return QueueSender(pool, *due) if isinstance(pool, QueuePool) else Sender(pool, *due)


async def _drive(senders: list[Sender], policy: str, seconds: float, clicker: Clicker | None) -> list[Watch]:
    began = time.monotonic()
    watches = [Watch(sender) for sender in senders]
    beside = [asyncio.create_task(watch.run(began)) for watch in watches]
    if policy in PEERS:
        beside += [
            asyncio.create_task(
                steer(
                    PEERS[policy](),
                    watch.sender,
                    watch,
                    most_workers(watch.sender.pool.service),
                    slo(watch.sender.pool.service),
                )
            )
            for watch in watches
        ]
    stop = threading.Event()
    clicking = None
    if clicker is not None:
        clicker.began = began
        clicking = threading.Thread(target=_click, args=(clicker, stop), daemon=True)
        clicking.start()
    try:
        await asyncio.gather(*(sender.run(began) for sender in senders))
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    finally:
        stop.set()
        for task in beside:
            task.cancel()
    if clicking is not None:
        await asyncio.to_thread(clicking.join)
    return watches


def _click(clicker: Clicker, stop: threading.Event) -> None:
    while not stop.wait(CLICK_SECONDS):
        try:
            clicker.look()
        except Exception as error:  # noqa: BLE001 - a request that failed is part of the result
            clicker.errors.append(f"{type(error).__name__}: {error}")


def slo(service: Service) -> float:
    return float(service.policy.get("response_time_seconds", DEFAULT_SLO_SECONDS))


def most_workers(service: Service) -> int:
    return int(service.policy.get("max_workers", MOST_WORKERS))


def _report(
    room: Path,
    folder: Folder,
    policy: str,
    seed: int,
    seconds: float,
    senders: list[Sender],
    watches: list[Watch],
    clicker: Clicker | None,
) -> dict[str, Any]:
    services = {
        sender.pool.service.name: {
            "answers": [
                (round(a.due, 3), round(a.seconds, 4), a.status) for a in sorted(sender.answers, key=lambda a: a.due)
            ],
            "workers": [(round(at, 2), count) for at, count in watch.counts],
            "memory": [(round(at, 2), used) for at, used in watch.memory],
        }
        for sender, watch in zip(senders, watches, strict=True)
    }
    document: dict[str, Any] = {
        "scenario": folder.name,
        "policy": policy,
        "seed": seed,
        "seconds": seconds,
        "services": services,
    }
    document["logs"] = {log.name: log.read_text(errors="replace")[-LOG_CHARACTERS:] for log in room.glob("*.log")}
    if clicker is not None:
        document |= {
            "suggestions": list(clicker.suggestions.values()),
            "executions": list(clicker.executions.values()),
            "reasons": {plugin: sorted(codes) for plugin, codes in clicker.reasons.items()},
            "errors": clicker.errors,
        }
    return document


def main(arguments: list[str]) -> None:
    folder, policy, seed, seconds, out = arguments
    if policy not in (ENGINE, NOTHING, *PEERS) and not policy.startswith("workers="):
        raise SystemExit(f"{policy!r} is no policy; known are {ENGINE}, {NOTHING}, workers=N, {', '.join(PEERS)}")
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # whoever ends a run ends its services, too
    document = run(read(Path(folder)), policy, int(seed), float(seconds))
    Path(out).write_text(json.dumps(document))


if __name__ == "__main__":
    main(sys.argv[1:])
