"""What a run comes to, from what clients and the process table saw; the API is believed only about what it says itself."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .scenario import Expected, Service

Json = dict[str, Any]
WINDOW_SECONDS = 5.0
KEPT_WINDOWS = 6
LEAST_OBSERVED_SECONDS = 60.0  # less than that says little about a 95th percentile
LAST_SECONDS = 60.0
ERROR_RATIO = 0.05
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Course:
    """What clients felt and what it cost: `violated_seconds` over the whole run, the rest at its end.

    `worker_seconds` is the integral of the number of workers; `reversals` counts changes of direction.
    """

    p95_seconds: float
    error_ratio: float
    violated_seconds: float
    worker_seconds: float
    workers: float
    changes: int
    reversals: int
    slo_seconds: float

    @property
    def promise_kept(self) -> bool:
        return self.p95_seconds <= self.slo_seconds and self.error_ratio <= ERROR_RATIO


def course(seen: Json, seconds: float, slo_seconds: float, skip_seconds: float = 0.0) -> Course:
    """Return the figures of one service over a run of `seconds`, without its first `skip_seconds`."""
    answers = [tuple(answer) for answer in seen["answers"] if answer[0] >= skip_seconds]
    last = [answer for answer in answers if answer[0] >= seconds - LAST_SECONDS]
    counts = [tuple(count) for count in seen["workers"]]
    steps = _steps(counts)
    return Course(
        p95_seconds=p95(answer[1] for answer in last),
        error_ratio=_failed(last),
        violated_seconds=sum(_violated(window, slo_seconds) for window in _windows(answers)) * WINDOW_SECONDS,
        worker_seconds=sum(
            count * (then - at) for (at, count), (then, _) in itertools.pairwise([*counts, (seconds, 0)])
        ),
        workers=_median([count for at, count in counts if at >= seconds - LAST_SECONDS]),
        changes=len(steps),
        reversals=sum(one * other < 0 for one, other in itertools.pairwise(steps)),
        slo_seconds=slo_seconds,
    )


def restored_seconds(seen: Json, since: float, slo_seconds: float) -> float:
    """Return how long after `since` the first half minute began whose requests together keep the promise; NEVER where none does.

    Single windows of five seconds break it now and then in a service that keeps it: one request in twenty may be late.
    """
    windows = [(at, window) for at, window in _dated_windows(seen["answers"]) if at + WINDOW_SECONDS > since]
    for k in range(len(windows) - KEPT_WINDOWS + 1):
        together = [answer for _, window in windows[k : k + KEPT_WINDOWS] for answer in window]
        if not _violated(together, slo_seconds):
            return max(0.0, windows[k][0] - since)
    return NEVER


def first_broken_seconds(seen: Json, since: float, slo_seconds: float) -> float:
    """Return when the first window after `since` that breaks the promise begins; NEVER where none does."""
    return min(
        (at for at, window in _dated_windows(seen["answers"]) if at >= since and _violated(window, slo_seconds)),
        default=NEVER,
    )


def p95(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else NEVER


def _violated(window: Sequence[tuple[float, float, int]], slo_seconds: float) -> bool:
    return p95(answer[1] for answer in window) > slo_seconds or _failed(window) > ERROR_RATIO


def _failed(answers: Sequence[tuple[float, float, int]]) -> float:
    bad = sum(status == 0 or status >= 500 for _, _, status in answers)
    return bad / len(answers) if answers else 1.0


def _windows(answers: Sequence[Any]) -> list[list[Any]]:
    return [window for _, window in _dated_windows(answers)]


def _dated_windows(answers: Sequence[Any]) -> list[tuple[float, list[Any]]]:
    """Group answers by the window they were due in; windows in which nothing was due break no promise."""
    windows: dict[int, list[Any]] = {}
    for answer in answers:
        windows.setdefault(int(answer[0] // WINDOW_SECONDS), []).append(answer)
    return [(number * WINDOW_SECONDS, window) for number, window in sorted(windows.items())]


def _steps(counts: Sequence[tuple[float, int]], settled_looks: int = 8) -> list[int]:
    """Return the changes between counts that stood for two seconds: a replaced worker is no change."""
    stood = [
        counts[i][1]
        for i in range(len(counts) - settled_looks)
        if all(counts[i + k][1] == counts[i][1] for k in range(settled_looks))
    ]
    return [after - before for before, after in itertools.pairwise(stood) if after != before]


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return float(ordered[len(ordered) // 2]) if ordered else float("nan")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the engine made of one service.

    `suggested_seconds` and `restored_seconds` count from the fault and from the click; NEVER where it did not come. `felt_seconds`
    counts from the first window in which clients felt the fault: a service that is a little too small keeps its promise for a while.
    `predicted` is (expected, low, high) of the change that was kept last, `observed` the clients' p95 from its verdict to the end;
    both None where that is less than a minute.
    """

    scenario: str
    service: str
    course: Course
    suggested: tuple[str, ...]
    suggested_seconds: float
    felt_seconds: float
    wrong: tuple[str, ...]
    outcome: str
    restored_seconds: float
    predicted: tuple[float, float, float] | None
    observed: float | None
    reasons: tuple[str, ...]
    right: bool


def judge(run: Json, service: Service, expected: Expected) -> Judged:
    """Compare one service of a run under the engine with what is right for it."""
    name, slo = service.name, float(service.policy.get("response_time_seconds", 1.0))
    beside = {"unit": (f"{name}.service",)}.get(service.server, ())
    plugins = (name, *((f"{name}-cache",) if service.redis_bytes else ()), *beside)
    seen = run["services"][name]
    ended = course(seen, run["seconds"], slo)
    own = sorted(
        (s for s in run["suggestions"] if s["plugin_id"] in plugins and s["first_seconds"] >= 0),
        key=lambda s: float(s["first_seconds"]),
    )
    types = tuple(dict.fromkeys(s["suggestion_type"] for s in own))
    good = [s for s in own if s["suggestion_type"] in expected.suggestions]
    wrong = tuple(kind for kind in types if kind not in (*expected.suggestions, *expected.also))
    executions = [e for e in run["executions"] if e["suggestion"]["plugin_id"] in plugins]
    kept = [e for e in executions if e.get("result") == "success"]
    reasons = (*(code for plugin in plugins for code in run["reasons"].get(plugin, ())), *_advice_codes(own))
    clicked = min((e["clicked_seconds"] for e in executions), default=NEVER)
    suggested = good[0]["first_seconds"] if good else NEVER
    felt = first_broken_seconds(seen, run["fault_seconds"], slo)
    predicted, observed = _predicted(kept, seen, run["seconds"])
    return Judged(
        scenario=run["scenario"],
        service=name,
        course=ended,
        suggested=types,
        suggested_seconds=suggested - run["fault_seconds"],
        felt_seconds=suggested - felt if felt < suggested < NEVER else NEVER,
        wrong=wrong,
        outcome=", ".join(e.get("result") or e.get("state", "?") for e in executions) or "–",
        restored_seconds=restored_seconds(seen, clicked, slo) if kept else NEVER,
        predicted=predicted,
        observed=observed,
        reasons=reasons,
        right=_right(expected, ended, service, seen, kept, wrong, types, reasons),
    )


def _right(
    expected: Expected,
    ended: Course,
    service: Service,
    seen: Json,
    kept: Sequence[Json],
    wrong: Sequence[str],
    types: Sequence[str],
    reasons: Sequence[str],
) -> bool:
    if expected.harm:
        return not kept and ended.workers == service.workers
    if expected.fixable:
        return bool(kept) and not wrong and _restored(expected.goal, ended, service, seen)
    if expected.reasons or expected.suggestions:
        told = set(reasons) & set(expected.reasons) or set(types) & set(expected.suggestions)
        return bool(told) and not kept and not wrong
    return not types


def _restored(goal: str, ended: Course, service: Service, seen: Json) -> bool:
    if goal == "saving":
        return ended.promise_kept and ended.workers < service.workers
    if goal == "memory":
        limit = float(service.policy["memory_limit_bytes"])
        return ended.promise_kept and max(used for _, used in seen["memory"][-12:]) <= limit
    return ended.promise_kept


def _predicted(
    kept: Sequence[Json], seen: Json, seconds: float
) -> tuple[tuple[float, float, float], float] | tuple[None, None]:
    """Return what was predicted of the p95 by the last change that was kept, and what clients saw from then on."""
    if not kept:
        return None, None
    last = max(kept, key=lambda execution: float(execution["clicked_seconds"]))
    found = last["suggestion"].get("details", {}).get("prediction")
    judged = last["clicked_seconds"] + _unix(last["finished_at"]) - _unix(last["created_at"])
    if not found or found["metric"] != "response_time_p95_seconds" or seconds - judged < LEAST_OBSERVED_SECONDS:
        return None, None
    observed = p95(answer[1] for answer in seen["answers"] if answer[0] >= judged)
    return (float(found["expected"]), float(found["low"]), float(found["high"])), observed


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _advice_codes(suggestions: Sequence[Json]) -> Iterable[str]:
    """Return the codes of titles and evidence: what a suggestion says besides its type."""
    for suggestion in suggestions:
        for part in (suggestion.get("title"), *(suggestion.get("evidence") or ())):
            if isinstance(part, dict) and "code" in part:
                yield str(part["code"])
