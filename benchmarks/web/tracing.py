"""What Chromium knows of a page: bytes as they travel, CPU of its main thread, its heap, what moved."""

import gzip
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page, Response

NOTE_SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => entry.hadRecentInput || window.shifts.push([entry.startTime, entry.value])))
    .observe({ type: "layout-shift", buffered: true });"""
# What a phone of the middle class on a slow 4G line gets, as Lighthouse simulates it: 1.6 Mbit/s, 150 ms, a fourth of the CPU.
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER_CPU = 4


@dataclass
class Traffic:
    """Listens to a page. `travelled` are bytes as they came over the wire, headers included."""

    page: Page
    answers: list[Response] = field(default_factory=list)
    travelled: float = 0.0

    def listen(self) -> "Traffic":
        session = session_of(self.page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._finished)
        self.page.on("response", self._answered)
        return self

    def _answered(self, answer: Response) -> None:
        self.answers.append(answer)

    def _finished(self, event: dict[str, Any]) -> None:
        self.travelled += event["encodedDataLength"]

    def script_kilobytes(self) -> dict[str, float]:
        """Return the scripts that have come so far, by their address, as gzip -9 would send them (kB of 1,000 bytes)."""
        scripts = [answer for answer in self.answers if answer.url.split("?")[0].endswith(".js")]
        return {answer.url: len(gzip.compress(answer.body(), 9)) / 1000 for answer in scripts}


def session_of(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def slow_down(page: Page) -> None:
    """Make the page a phone's on a slow line."""
    session = session_of(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})


def shift_of(page: Page, until_milliseconds: float) -> float:
    """Return the sum of what moved by itself until then (an upper bound of CLS); the page must have run `NOTE_SHIFTS`."""
    moved = "(until) => window.shifts.filter(([at]) => at <= until).reduce((sum, [, shift]) => sum + shift, 0)"
    total: float = page.evaluate(moved, until_milliseconds)
    return total


class Meter:
    """Reads the CPU time of a page's main thread and the size of its heap."""

    def __init__(self, page: Page) -> None:
        self.session = session_of(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu_milliseconds(self) -> float:
        found = {entry["name"]: entry["value"] for entry in self.session.send("Performance.getMetrics")["metrics"]}
        return float(found["TaskDuration"]) * 1000

    def heap_bytes(self) -> float:
        """Collect garbage twice, then return what is used."""
        for _ in range(2):
            self.session.send("HeapProfiler.collectGarbage")
        return float(self.session.send("Runtime.getHeapUsage")["usedSize"])
