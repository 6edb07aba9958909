"""How long it takes from a finding to its delivery, and what an outage of the receiver does.

    python -m benchmarks.notification_delivery [--notices 100] [--every 2] [--outage 60]

Real servers on loopback (HTTP for a webhook, SMTP for e-mail), a real state, the threads and the pace of `plugin-optimizer serve`.
First part: suggestions at random times, `--every` seconds apart in the mean, told at both channels; from the commit of the
suggestion to the server having the whole message, without grouping and with the usual 30 s. Second part: the receivers refuse
connections for `--outage` seconds while suggestions go on; counts what came how often, what waited, and how long the engine's
own writes took before and meanwhile.
"""

import argparse
import contextlib
import random
import re
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import numpy as np

from plugin_optimizer.domain import Cycle, DispatchState, Message, Policies
from plugin_optimizer.execute.policy_layers import merge_policies
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.models.calendar import parse_window
from plugin_optimizer.notify import NOTIFIERS
from plugin_optimizer.notify.channels import make_channels
from plugin_optimizer.notify.conditions import Stop
from plugin_optimizer.notify.service import NotificationService
from plugin_optimizer.notify.settings import parse_notify
from tests.knowledge.proposals import proposal
from tests.notify.sinks import HttpSink, SmtpSink, http_sink, smtp_sink

NAME = re.compile(r"found-(\d{5})")
LONGEST_SECONDS = 900.0


class Everything:
    """Both channels hear of everything; nothing else is wrong."""

    def policies(self) -> Policies:
        return merge_policies({"": {"notify": ["hook info", "mail info"]}})

    def stop(self) -> Stop | None:
        return None

    def trouble(self) -> Message | None:
        return None


@dataclass
class Engine:
    """The state, and what is found: suggestions under numbers, each with the time its commit returned."""

    state: SqlStateStore
    found: list[float] = field(default_factory=list)
    turns: list[tuple[float, float]] = field(default_factory=list)  # when, and how long its write took
    over: threading.Event = field(default_factory=threading.Event)

    def find(self) -> None:
        now = time.time()
        self.state.offer(proposal(f"found-{len(self.found):05}"), now, now + 86_400.0)
        self.found.append(time.time())

    def turn(self) -> None:
        """Write what a turn writes, four times a second, until it is over."""
        number = 0
        while not self.over.wait(0.25):
            number, began = number + 1, time.perf_counter()
            self.state.record_cycle(Cycle(number=number, at=time.time(), duration_seconds=0.1, plugins=1, samples=6))
            self.turns.append((time.time(), time.perf_counter() - began))


@contextlib.contextmanager
def telling(directory: Path, ports: tuple[int, int], group_seconds: float) -> Iterator[Engine]:
    """Run the notifications of an engine, as they run beside its turns."""
    state = open_state(directory / "state.db")
    (directory / "url").write_text(f"http://127.0.0.1:{ports[0]}/hook")
    rules: dict[str, object] = {"language": "en", "most_per_hour": 3600}
    hook = {"kind": "webhook", "url": f"file:{directory / 'url'}", "allow_inner": True, **rules}
    mail = {"kind": "email", "host": "127.0.0.1", "port": ports[1], "security": "none", **rules}
    mail |= {"sender": "Plugins <plugins@example.org>", "recipients": ["ops@example.org"]}
    settings = parse_notify({"group_seconds": group_seconds, "channels": {"hook": hook, "mail": mail}}, parse_window)
    fence = state.take_lease("bench:1:a", time.time())
    service = NotificationService(
        state, settings, make_channels(settings.channels, NOTIFIERS), Everything(), 5.0, fence
    )
    service.start()
    engine = Engine(state)
    turning = threading.Thread(target=engine.turn)
    turning.start()
    try:
        wait_for(lambda: state.notification_cursor() is not None)
        yield engine
    finally:
        engine.over.set()
        turning.join()
        service.stop()
        state.close()


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("it did not come about")
        time.sleep(0.1)


def arrivals(http: HttpSink, smtp: SmtpSink) -> dict[str, dict[int, float]]:
    """Return by channel when each finding was there first."""
    heard: dict[str, dict[int, float]] = {"webhook": {}, "e-mail": {}}
    for posted in list(http.posted):
        for notice in posted.document["notices"]:
            heard["webhook"].setdefault(int(notice["plugin_id"][-5:]), posted.at)
    for at, text in zip(list(smtp.at), (letter[2] for letter in list(smtp.letters)), strict=False):
        body = message_from_bytes(text, policy=default).get_body(("plain",))
        for number in NAME.findall(body.get_content() if body else ""):
            heard["e-mail"].setdefault(int(number), at)
    return heard


def all_delivered(state: SqlStateStore, notices: int) -> bool:
    """Tell whether both channels have everything; of a long message the first ten are written out, the rest counted."""
    rows = state.dispatches(limit=1_000)
    told = Counter({d.channel: 0 for d in rows})
    for dispatch in rows:
        told[dispatch.channel] += len(dispatch.notices) + dispatch.more
    delivered = all(dispatch.state is DispatchState.DELIVERED for dispatch in rows)
    return delivered and len(told) == 2 and all(count >= notices for count in told.values())


def measure_delay(notices: int, every: float, group_seconds: float) -> None:
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as directory, http_sink() as http, smtp_sink() as smtp:
        with telling(Path(directory), (http.port, smtp.port), group_seconds) as engine:
            for _ in range(notices):
                engine.find()
                time.sleep(chance.uniform(0.0, 2 * every))
            wait_for(lambda: all_delivered(engine.state, notices))
        for channel, heard in arrivals(http, smtp).items():
            delays = [at - engine.found[number] for number, at in heard.items()]
            told = len(http.posted) if channel == "webhook" else len(smtp.letters)
            print(f"{channel:8} {group_seconds:8.0f} {len(delays):8} {told:9} {_line(delays)}", flush=True)


def measure_outage(every: float, outage: float) -> None:
    with contextlib.ExitStack() as held:
        directory = held.enter_context(tempfile.TemporaryDirectory())
        kept = [held.enter_context(socket.socket()) for _ in range(2)]
        for each in kept:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            each.bind(("127.0.0.1", 0))
        ports = (int(kept[0].getsockname()[1]), int(kept[1].getsockname()[1]))
        with telling(Path(directory), ports, 0.0) as engine:
            before = time.time()
            while time.time() < before + outage:
                engine.find()
                time.sleep(every)
            waiting = engine.state.dispatches(limit=1_000)
            tried = max(d.attempts for d in waiting)
            for each in kept:
                each.close()
            back = time.time()
            http, smtp = held.enter_context(http_sink(port=ports[0])), held.enter_context(smtp_sink(port=ports[1]))
            wait_for(lambda: {state for _, state in engine.state.count_dispatches()} == {DispatchState.DELIVERED})
            drained, rows = time.time() - back, engine.state.dispatches(limit=1_000)
        meanwhile = [took for at, took in engine.turns if at < back]
        after = [took for at, took in engine.turns if at >= back]
    known = [message_from_bytes(letter[2])["Message-ID"] for letter in smtp.letters]
    posted = Counter(each.document["id"] for each in http.posted)
    heard = Counter(n["plugin_id"] for each in http.posted for n in each.document["notices"])
    print(
        f"{len(engine.found)} findings in an outage of {outage:.0f} s: {len(waiting)} messages waited (most attempts {tried})"
    )
    print(f"after it: all {len(rows)} messages delivered within {drained:.1f} s; webhook: {len(heard)} findings, "
          f"{sum(c - 1 for c in heard.values())} twice, {sum(c - 1 for c in posted.values())} messages twice; "
          f"e-mail: {len(known)} messages, {len(known) - len(set(known))} twice")  # fmt: skip
    print(
        f"writes of the engine, ms: meanwhile {_line([1e3 * t for t in meanwhile])}; after {_line([1e3 * t for t in after])}"
    )


def _line(values: Sequence[float]) -> str:
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return f"p50 {p50:.2f}  p95 {p95:.2f}  p99 {p99:.2f}  most {max(values):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notices", type=int, default=100)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two findings, in the mean")
    parser.add_argument("--outage", type=float, default=60.0, help="seconds")
    asked = parser.parse_args()
    print("channel   grouped  notices  messages  seconds from the finding to the delivery")
    for group_seconds in (0.0, 30.0):
        measure_delay(asked.notices, asked.every, group_seconds)
    measure_outage(asked.every, asked.outage)


if __name__ == "__main__":
    main()
