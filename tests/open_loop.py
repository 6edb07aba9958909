"""A bounded open-loop load for tests: requests leave at their scheduled time, whatever the server does."""

import http.client
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

MOST_SECONDS = 900.0


@dataclass
class OpenLoop:
    """Poisson arrivals at `rate` per second on 127.0.0.1:`port`, until the block ends (or 900 s have passed).

    `answers` collects (scheduled time, seconds until the answer, status); status 0 means no answer.
    """

    port: int
    rate: float
    path: str = "/"
    seed: int = 1
    answers: list[tuple[float, float, int]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=200)
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self) -> None:
        chance = random.Random(self.seed)
        begin = due = time.time()
        while due - begin < MOST_SECONDS and not self._stop.wait(max(0.0, due - time.time())):
            self._pool.submit(self._ask, due)
            due += chance.expovariate(self.rate)

    def _ask(self, due: float) -> None:
        status = 0
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", self.path)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except OSError:
            pass
        finally:
            connection.close()
            self.answers.append((due, time.time() - due, status))

    def p95(self, since: float, until: float) -> float:
        """Return the 95th percentile in seconds of what was due in [since, until)."""
        times = sorted(seconds for due, seconds, _ in self.answers if since <= due < until)
        assert times, "nothing was answered in that time"
        return times[int(0.95 * (len(times) - 1))]
