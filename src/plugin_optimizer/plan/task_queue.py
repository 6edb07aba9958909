"""How many processes for a queue of tasks: enough for what arrives, and to work the backlog off in time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, isfinite

from ..domain import (
    Change,
    Direction,
    Finding,
    FindingKind,
    Fleet,
    Goal,
    Knob,
    Message,
    Metric,
    PluginView,
    Pool,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    Silence,
    SuggestionType,
    Window,
)
from ..models.pace import first_step
from ..models.series import lately, memory_limit_bytes, until
from ..models.standing import reason_to_wait
from ..models.task_queue import LEAST_TASKS, SPANS_SECONDS, TaskQueue, is_task_queue, task_queue
from ..models.worker_bounds import Bound, Held, upper_bound

WORKERS, WORKER_LIMIT = "workers", "worker_limit"
SURE_TASKS = 200  # with so many the rates are known well
UNSURE_RATIO = 3.0  # what a steady wait may differ from that of M/M/c: neither gaps nor tasks need be exponential
LEAST_LENGTH, LEAST_WAIT_SECONDS = 0.1, 0.01  # what is expected is compared as a ratio, so it is never nothing


@dataclass(frozen=True, slots=True)
class TaskQueuePlanner:
    """Suggests more processes where tasks wait longer than they may, fewer where they idle.

    `drain_seconds` is within what a backlog is to be worked off; `stress_up` and `stress_down` multiply the arrivals that
    have to be borne; `return_seconds` within what processes can be taken away again (a touchpoint lets the worker finish
    what it has fetched, `fetched_tasks` for each process): where tasks take longer a person decides.
    """

    name: str = "task_queue"
    drain_seconds: float = 300.0
    stress_up: float = 1.1
    stress_down: float = 1.5
    return_seconds: float = 12.0
    fetched_tasks: int = 4
    least_effect: float = 0.2

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id)
            outcome = reason_to_wait(view, window, fleet) or self._of(view, window, own, fleet)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(self, view: PluginView, window: Window, findings: tuple[Finding, ...], fleet: Fleet) -> Proposal | Message:
        if not is_task_queue(view, window):
            return Message("no_task_queue")
        late = tuple(f for f in findings if f.metric is Metric.QUEUE_WAIT_SECONDS and f.kind is FindingKind.SATURATION)
        idle = tuple(f for f in findings if f.kind is FindingKind.WASTE)
        knob = view.knob(WORKERS) or view.knob(WORKER_LIMIT)
        if knob is None or isinstance(knob.value, str | bool) or view.pool is None:
            return Message("no_knob", {"kind": WORKERS})
        if not late and (not idle or knob.kind == WORKER_LIMIT):  # an autoscaler lets idle processes go by itself
            return Message("within_slo")
        if knob.kind == WORKERS and view.pool.workers != knob.value:
            return Message("workers_changing", {"workers": view.pool.workers, "wanted_workers": int(knob.value)})
        queue = task_queue(view, window)
        if queue is None:
            return Message("too_little_data", {"needed_requests": LEAST_TASKS, "needed_seconds": SPANS_SECONDS[0]})
        case = _Case(view, view.pool, knob, queue, window, fleet)
        return self._more(case, late) if late else self._fewer(case, idle)

    def _more(self, case: "_Case", findings: tuple[Finding, ...]) -> Proposal | Message:
        queue, slo, now = case.queue, case.view.policy.response_time_seconds, case.now
        if case.knob.kind == WORKER_LIMIT and case.pool.workers < now:
            return Message("limit_not_reached", {"workers": case.pool.workers, "most_workers": now})
        bound = case.bound()
        if bound.workers <= now:
            return bound.reason
        wanted, drain = queue.workers_for(slo, self.drain_seconds, self.stress_up), queue.drain_seconds(now)
        goes = drain <= self.drain_seconds and queue.steady_wait_seconds(now) <= slo
        if wanted <= now or goes:  # what is left of a backlog asks for no headroom beside
            return Message("backlog_goes", {"drain_seconds": _finite(drain), "workers": now})
        to = first_step(case.view.policy, case.knob, now, min(wanted, bound.workers))
        evidence = [*_said(findings), _load(queue), *self._way_back(queue)]
        if to < wanted:
            evidence.append(bound.reason if to == bound.workers else _first(now, to, wanted))
        return self._proposal(case, SuggestionType.INCREASE_WORKERS, to, findings, evidence)

    def _fewer(self, case: "_Case", findings: tuple[Finding, ...]) -> Proposal | Message:
        queue, policy, now = case.queue, case.view.policy, case.now
        least = max(policy.shrink_floor, policy.min_workers, 1, int(case.knob.minimum or 1))
        busiest = self.stress_down * case.busiest()
        wanted = max(least, queue.workers_for(policy.response_time_seconds / 2, self.drain_seconds, max(1.0, busiest)))
        if least >= now:
            return Message("shrink_floor", {"workers": now, "least_workers": least})
        if wanted >= now:
            return Message("workers_needed", {"workers": now})
        to = first_step(policy, case.knob, now, wanted)
        evidence = [*_said(findings), _load(queue), *self._way_back(queue)]
        if to > wanted:
            evidence.append(_first(now, to, wanted))
        return self._proposal(case, SuggestionType.DECREASE_WORKERS, to, findings, evidence)

    def _way_back(self, queue: TaskQueue) -> tuple[Message, ...]:
        """Say where taking processes away would need more patience than there is."""
        seconds = (1 + self.fetched_tasks) * queue.service_seconds
        if seconds <= self.return_seconds:
            return ()
        return (Message("shrinks_slowly", {"time_seconds": seconds, "limit_seconds": self.return_seconds}),)

    def _proposal(
        self, case: "_Case", kind: SuggestionType, to: int, findings: tuple[Finding, ...], evidence: list[Message]
    ) -> Proposal:
        up, queue = kind is SuggestionType.INCREASE_WORKERS, case.queue
        slow = any(message.code == "shrinks_slowly" for message in evidence)
        kept = queue.steady_wait_seconds(to) <= case.view.policy.response_time_seconds
        counts = {"from_workers": case.now, "to_workers": to}
        title = (
            ("increase_workers" if up else "decrease_workers") if case.knob.kind == WORKERS else "change_worker_limit"
        )
        return Proposal(
            plugin_id=case.view.plugin.plugin_id,
            type=kind,
            title=Message(title, counts),
            change=Change(case.view.plugin.plugin_id, case.knob.name, case.now, to, _goal(up, self.least_effect)),
            prediction=case.length_after(to) if up else case.memory_after(to),
            risk=Risk.MEDIUM if slow or not kept else Risk.LOW,
            confidence=0.9 - 0.2 * max(0.0, 1.0 - queue.tasks / SURE_TASKS),
            findings=findings,
            evidence=tuple(evidence),
            side_effects=case.side_effects(to, up),
            judged_by=Message("judged_by_queue_replay" if up else "judged_by_memory_and_queue"),
            details={
                "load_workers": queue.load,
                "service_seconds": queue.service_seconds,
                "arrivals_per_second": queue.arrivals_per_second,
                "drain_seconds": _finite(queue.drain_seconds(to)),
                "steady_wait_seconds": _finite(queue.steady_wait_seconds(to)),
                "curve": [
                    {
                        "workers": n,
                        "wait_seconds": _finite(queue.steady_wait_seconds(n)),
                        "drain_seconds": _finite(queue.drain_seconds(n)),
                    }
                    for n in range(max(1, min(case.now, to) - 1), max(case.now, to) + 2)
                ],
            },
        )


@dataclass(frozen=True, slots=True)
class _Case:
    view: PluginView
    pool: Pool
    knob: Knob
    queue: TaskQueue
    window: Window
    fleet: Fleet

    @property
    def now(self) -> int:
        return int(self.knob.value)

    def bound(self) -> Bound:
        """Return what bounds the number from above: policy, knob, memory, database connections, or the cores."""
        held = Held(self.pool.workers, self._memory(), self.pool.worker_memory_bytes, self._memory_limit())
        bound = upper_bound(self.view, self.knob, self.pool, held)
        cores = self.queue.most_for_cores(self.pool.cores)
        if isfinite(cores) and floor(cores) < bound.workers:
            return Bound(max(self.now, floor(cores)), Message("cpu_limited"))
        return bound

    def busiest(self) -> float:
        """Return how many times the present arrivals the busiest half minute of the window began."""
        rates = self.window.of(self.view.plugin.plugin_id, Metric.THROUGHPUT_PER_SECOND)
        columns = max(1, round(30.0 / self.window.step_seconds))
        stretches = [rates[i : i + columns] for i in range(max(1, len(rates) - columns + 1))]
        means = [float(part[part == part].mean()) for part in stretches if (part == part).any()]
        return max(means, default=0.0) / max(self.queue.arrivals_per_second, 1e-9)

    def length_after(self, to: int) -> Prediction:
        """Return how many tasks will wait once the backlog is gone; where it never goes, what it will be at the deadline."""
        queue, now = self.queue, max(self.queue.waiting, LEAST_LENGTH)
        steady = max(LEAST_LENGTH, queue.steady_wait_seconds(to) * queue.arrivals_per_second)
        if not isfinite(steady) or queue.drain_seconds(to) > self.view.policy.verify_seconds:
            spare = (queue.capacity(to) - queue.arrivals_per_second) * self.view.policy.verify_seconds
            steady = max(LEAST_LENGTH, queue.waiting - spare)
        low = 0.0 if steady <= 2 * UNSURE_RATIO else steady / UNSURE_RATIO
        return Prediction(Metric.QUEUE_LENGTH, now, steady, low, max(1.0, UNSURE_RATIO * steady), "task_queue")

    def memory_after(self, to: int) -> Prediction:
        now, more = self._memory(), (to - self.now) * self.pool.worker_memory_bytes
        ends = sorted((now + 0.5 * more, now + 1.3 * more))
        return Prediction(Metric.MEMORY_BYTES, now, max(1.0, now + more), max(0.0, ends[0]), max(1.0, ends[1]), "pss")

    def side_effects(self, to: int, up: bool) -> tuple[Prediction, ...]:
        if up:
            known = self._memory() > 0 and self.pool.worker_memory_bytes > 0
            return (self.memory_after(to),) if known else ()
        wait = max(LEAST_WAIT_SECONDS, self.queue.steady_wait_seconds(to))
        now = self.queue.wait_seconds if isfinite(self.queue.wait_seconds) else 0.0
        return (Prediction(Metric.QUEUE_WAIT_SECONDS, now, wait, 0.0, UNSURE_RATIO * wait, "task_queue"),)

    def _memory(self) -> float:
        return lately(self.window, self.view.plugin.plugin_id, Metric.MEMORY_BYTES)

    def _memory_limit(self) -> float:
        return memory_limit_bytes(self.window, self.fleet, self.view.plugin.plugin_id)


def _goal(up: bool, least_effect: float) -> Goal:
    if up:
        return Goal(Metric.QUEUE_LENGTH, Direction.DOWN, Purpose.IMPROVE, least_effect)
    guards = (Metric.ERROR_RATIO, Metric.QUEUE_WAIT_SECONDS)
    return Goal(Metric.MEMORY_BYTES, Direction.DOWN, Purpose.SAVE, guards=guards)


def _said(findings: Sequence[Finding]) -> list[Message]:
    return [message for finding in findings for message in finding.evidence]


def _load(queue: TaskQueue) -> Message:
    figures = {"load_workers": queue.load, "service_seconds": queue.service_seconds, "tasks": queue.tasks}
    return Message("task_load", {**figures, "arrivals_per_second": queue.arrivals_per_second})


def _first(now: int, to: int, wanted: int) -> Message:
    return Message("first_step", {"before": now, "after": to, "wanted": wanted})


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
