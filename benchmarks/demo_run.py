"""One measured run of the demo, over its API only, printed as a table.

Starts the demo in a folder of its own on a free port; notes when the first suggestion for each plugin comes; executes
them; counts workers in the process table; compares what was predicted with what came. Takes some eight minutes.
Ends with exit code 1 when a promise is broken, and says which.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demo_api import DemoApi, Json, wait_until, worker_count

from plugin_optimizer.demo.child import marked_processes
from plugin_optimizer.demo.ports import free_tcp_ports
from plugin_optimizer.demo.roster import SERVICES

EXPECTED = {
    "orders": "increase_workers",
    "reports": "decrease_workers",
    "reservations": "recycle_workers",
    "inventory": "investigate_error",
    "recommendations": "adjust_cache",
    "loyalty": "check_plugin_status",
}
QUIET = ("menu",)
START_SECONDS = 120.0
SUGGESTION_SECONDS = 120.0  # the promise
PATIENCE_SECONDS = 240.0  # a later suggestion breaks it, but is still worth measuring
VERDICT_SECONDS = 420.0
ENDED = {"success", "rolled_back", "failed"}


@dataclass
class Run:
    """What was seen of each plugin, and which promises were broken."""

    api: DemoApi
    began: float = field(default_factory=time.monotonic)
    first: dict[str, tuple[float, Json]] = field(default_factory=dict)
    unexpected: dict[str, set[str]] = field(default_factory=dict)
    client_before: dict[str, float | None] = field(default_factory=dict)
    client_after: dict[str, float | None] = field(default_factory=dict)
    executions: dict[str, Json] = field(default_factory=dict)
    workers: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def look(self) -> bool:
        """Note new suggestions; tell whether every expected one is there."""
        for suggestion in self.api.suggestions():
            plugin, kind = suggestion["plugin_id"], suggestion["suggestion_type"]
            if EXPECTED.get(plugin) != kind:
                self.unexpected.setdefault(plugin, set()).add(kind)
            elif plugin not in self.first:
                self.first[plugin] = (time.monotonic() - self.began, suggestion)
                say(f"{self.first[plugin][0]:6.1f} s  {plugin}: {suggestion['description']}")
        return set(self.first) == set(EXPECTED)

    def judge_suggestions(self) -> None:
        for plugin, kind in EXPECTED.items():
            at, _ = self.first.get(plugin, (float("inf"), {}))
            if at > SUGGESTION_SECONDS:
                self.broken.append(f"{plugin}: no {kind} within {SUGGESTION_SECONDS:g} s, but after {at:.0f} s")
        for plugin in QUIET:
            if plugin in self.unexpected:
                self.broken.append(f"{plugin} is healthy and has {', '.join(self.unexpected[plugin])}")

    def execute(self, plugin: str) -> None:
        """Execute the plugin's suggestion as it stands now, and note the workers once it is applied."""
        suggestion = self.latest(plugin)
        if suggestion is None or not suggestion["executable"]:
            return
        self.client_before[plugin] = self.api.client_p95(plugin)
        answer = self.api.execute(suggestion)
        if answer.status_code not in (200, 202):
            self.broken.append(f"{plugin}: execute answered {answer.status_code}: {answer.text[:200]}")
            return
        self.executions[plugin] = {"id": answer.json()["execution_id"], "suggestion": suggestion}
        say(f"{time.monotonic() - self.began:6.1f} s  {plugin}: execution {answer.json()['execution_id']} began")

    def latest(self, plugin: str) -> Json | None:
        found = (
            suggestion
            for suggestion in self.api.suggestions()
            if suggestion["plugin_id"] == plugin
            and suggestion["suggestion_type"] == EXPECTED[plugin]
            and suggestion["state"] == "open"
        )
        return next(found, None)

    def count_workers(self, plugin: str) -> None:
        """Compare the process table with what the suggestion said."""
        if plugin not in self.executions:
            return
        wanted = self.executions[plugin]["suggestion"]["details"]["change"]["after"]
        there = wait_until(lambda: worker_count(self.api.directory, plugin) == wanted, 60.0, 0.5)
        self.workers[plugin] = worker_count(self.api.directory, plugin)
        if not there:
            self.broken.append(f"{plugin}: {wanted} workers were promised, {self.workers[plugin]} run")

    def follow(self) -> bool:
        """Read the open executions; tell whether all have ended."""
        for plugin, known in self.executions.items():
            if known.get("result") in ENDED:
                continue
            known.update(self.api.execution(known["id"]))
            if known.get("result") in ENDED:
                self.client_after[plugin] = self.api.client_p95(plugin)
                say(f"{time.monotonic() - self.began:6.1f} s  {plugin}: {known['state']} {verdict_text(known)}")
        return all(known.get("result") in ENDED for known in self.executions.values())

    def judge_executions(self) -> None:
        for plugin, known in self.executions.items():
            if known.get("result") != "success":
                self.broken.append(f"{plugin}: {known.get('state')} instead of success ({verdict_text(known)})")
        slo = next(service.policy["response_time_seconds"] for service in SERVICES if service.name == "orders")
        after = self.client_after.get("orders")
        if after is None or after > slo:
            self.broken.append(f"orders: p95 {seconds(after)} after the change is not below its SLO of {slo:g} s")

    def table(self) -> Iterator[str]:
        yield "| plugin | suggestion | after | change | p95 before | p95 after | predicted | observed | verdict |"
        yield "|---|---|---|---|---|---|---|---|---|"
        for plugin, kind in EXPECTED.items():
            at, suggestion = self.first.get(plugin, (None, {}))
            known = self.executions.get(plugin, {})
            yield " | ".join(
                (
                    f"| {plugin}",
                    f"`{kind}`",
                    "–" if at is None else f"{at:.0f} s",
                    change_text(known.get("suggestion", suggestion)),
                    seconds(self.client_before.get(plugin)),
                    seconds(self.client_after.get(plugin)),
                    prediction_text(known.get("suggestion", suggestion)),
                    observed_text(known),
                    f"{known.get('result') or 'advice'} |",
                )
            )
        quiet = ("silent" if plugin not in self.unexpected else "NOT silent" for plugin in QUIET)
        yield from (
            f"| {plugin} | – | – | – | – | – | – | – | {how} |" for plugin, how in zip(QUIET, quiet, strict=True)
        )


def say(text: str) -> None:
    print(text, flush=True)


def seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f} s"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def change_text(suggestion: Json) -> str:
    change = suggestion.get("details", {}).get("change")
    return f"{change['knob']} {change['before']} → {change['after']}" if change else "–"


def prediction_text(suggestion: Json) -> str:
    found = suggestion.get("details", {}).get("prediction")
    if not found:
        return "–"
    return f"{found['metric']} {number(found['expected'])} ({number(found['low'])} … {number(found['high'])})"


def observed_text(execution: Json) -> str:
    verdict = execution.get("verdict")
    return f"{number(verdict['before'])} → {number(verdict['after'])}" if verdict else "–"


def verdict_text(execution: Json) -> str:
    verdict = execution.get("verdict") or {}
    reason = execution.get("reason") or {}
    return str(verdict.get("text") or reason.get("text") or "without a verdict")


@contextmanager
def demo(directory: Path) -> Iterator[DemoApi]:
    """Run the demo while the block runs; whatever happens, nothing of it is left."""
    (port,) = free_tcp_ports(1)
    command = [sys.executable, "-m", "plugin_optimizer.cli", "demo", "--port", str(port), "--directory", str(directory)]
    with (directory / "demo.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            api = DemoApi(directory)
            if not wait_until(lambda: process.poll() is not None or api.answers(), START_SECONDS) or process.poll():
                raise SystemExit(f"the demo did not start:\n{(directory / 'demo.log').read_text()}")
            yield api
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(90)


def measure(api: DemoApi) -> Run:
    run = Run(api)
    wait_until(run.look, PATIENCE_SECONDS, 2.0)
    run.judge_suggestions()
    run.execute("orders")
    run.count_workers("orders")
    for plugin in EXPECTED:
        if plugin != "orders":
            run.execute(plugin)
    run.count_workers("reports")
    wait_until(run.follow, VERDICT_SECONDS, 2.0)
    run.look()
    run.judge_executions()
    return run


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="demo-run-") as folder:
        directory = Path(folder)
        with demo(directory) as api:
            run = measure(api)
        left = [process.pid for process in marked_processes(str(directory))]
    if left:
        run.broken.append(f"processes {left} were left after the demo")
    say("\n" + "\n".join(run.table()) + "\n")
    for promise in run.broken:
        say(f"BROKEN  {promise}")
    return 1 if run.broken else 0


if __name__ == "__main__":
    sys.exit(main())
