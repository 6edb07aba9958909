"""The tables: the engine scenario by scenario, beside its peers, and the figures against their targets."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .scenario import Expected
from .score import NEVER, Course, Judged


@dataclass(frozen=True, slots=True)
class Case:
    """One service of one scenario: what the engine made of it, the best count by search (None: not asked), the peers' courses."""

    judged: Judged
    expected: Expected
    optimum: int | None
    peers: Mapping[str, Course]


def lines(cases: Sequence[Case]) -> Iterator[str]:
    yield from _scenarios(cases)
    yield ""
    yield from _peers([case for case in cases if case.peers])
    yield ""
    yield from _figures(cases)


def _scenarios(cases: Sequence[Case]) -> Iterator[str]:
    yield "| scenario | right would be | suggested after | result | SLO again after | p95 at the end (SLO) | workers (best) | predicted p95, seen since | right |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for case in cases:
        judged, ended = case.judged, case.judged.course
        name = judged.scenario if judged.service == judged.scenario else f"{judged.scenario} / {judged.service}"
        best = "" if case.optimum is None else f" ({case.optimum})"
        suggested = f"{_list(judged.suggested)} {_seconds(judged.suggested_seconds)}"
        yield (
            f"| {name} | {_wanted(case.expected)} | {suggested} | {judged.outcome} | {_seconds(judged.restored_seconds)} "
            f"| {ended.p95_seconds:.2f} ({ended.slo_seconds:g}) | {ended.workers:g}{best} | {_predicted(judged)} | {'yes' if judged.right else '**no**'} |"
        )


def _wanted(expected: Expected) -> str:
    if expected.harm:
        return "no change left"
    if expected.fixable or expected.suggestions:
        return " or ".join(expected.suggestions)
    return " or ".join(expected.reasons) or "silence"


def _predicted(judged: Judged) -> str:
    if judged.predicted is None:
        return "–"
    expected, low, high = judged.predicted
    return f"{expected:.2f} ({low:.2f}–{high:.2f}), {judged.observed:.2f}"


def _peers(cases: Sequence[Case]) -> Iterator[str]:
    """Compare over the scenarios that are about the number of workers."""
    if not cases:
        return
    rows = {"**engine**": [(case, case.judged.course) for case in cases]}
    for name in cases[0].peers:
        rows[name] = [(case, case.peers[name]) for case in cases if name in case.peers]
    yield "| policy | SLO kept at the end | within ±1 of the best | SLO broken, s | worker-minutes | broken s × worker-hours | changes | reversals |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, pairs in rows.items():
        courses = [course for _, course in pairs]
        known = [(case, course) for case, course in pairs if case.optimum is not None]
        near = sum(abs(course.workers - (case.optimum or 0)) <= 1 for case, course in known)
        kept = sum(course.promise_kept for course in courses)
        product = sum(course.violated_seconds * course.worker_seconds / 3600 for course in courses)
        yield (
            f"| {name} | {kept} of {len(courses)} | {near} of {len(known)} | {sum(c.violated_seconds for c in courses):.0f} "
            f"| {sum(c.worker_seconds for c in courses) / 60:.0f} | {product:.2f} | {sum(c.changes for c in courses)} | {sum(c.reversals for c in courses)} |"
        )


def _figures(cases: Sequence[Case]) -> Iterator[str]:
    fixable = [case for case in cases if case.expected.fixable and not case.expected.harm]
    unfixable = [case for case in cases if not case.expected.fixable and _told(case.expected)]
    healthy = [
        case for case in cases if not case.expected.fixable and not _told(case.expected) and not case.expected.harm
    ]
    harmful = [case for case in cases if case.expected.harm]
    sized = [case for case in cases if case.optimum is not None and case.expected.fixable]
    predicted = [case.judged for case in cases if case.judged.predicted is not None]
    yield "| figure | measured | target |"
    yield "|---|---|---|"
    yield _share("fixable faults fixed and kept", (case.judged.right for case in fixable), ">= 95 %")
    yield _share("unfixable faults refused with the right reason", (case.judged.right for case in unfixable), "100 %")
    yield _share("healthy services left alone", (case.judged.right for case in healthy), "all")
    yield _share("harm undone", (case.judged.right for case in harmful), "all")
    near = (abs(case.judged.course.workers - (case.optimum or 0)) <= 1 for case in sized)
    yield _share("settled workers within ±1 of exhaustive search", near, ">= 90 %")
    yield _median("fault to suggestion", [case.judged.suggested_seconds for case in fixable], "<= 30 s")
    broken = [case.judged for case in fixable if case.expected.goal == "slo"]
    yield _median("first broken promise to suggestion", [judged.felt_seconds for judged in broken], "<= 30 s")
    slow = [judged.restored_seconds for judged in broken]
    yield _median("click to SLO after drain", slow, "<= 60 s")
    yield _share("predicted p95 within 10 % of observed", (_close(judged) for judged in predicted), ">= 90 %")
    yield _share("80 % intervals hold", (_held(judged) for judged in predicted), "75–85 %")


def _told(expected: Expected) -> bool:
    return bool(expected.suggestions or expected.reasons)


def _close(judged: Judged) -> bool:
    assert judged.predicted is not None, "only predictions are asked"
    assert judged.observed is not None, "only predictions are asked"
    return abs(math.log(judged.observed / judged.predicted[0])) <= math.log(1.1)


def _held(judged: Judged) -> bool:
    assert judged.predicted is not None, "only predictions are asked"
    assert judged.observed is not None, "only predictions are asked"
    return judged.predicted[1] <= judged.observed <= judged.predicted[2]


def _share(text: str, held: Iterable[bool], target: str) -> str:
    found = list(held)
    figure = f"{sum(found)} of {len(found)} ({sum(found) / len(found):.0%})" if found else "none measured"
    return f"| {text} | {figure} | {target} |"


def _median(text: str, values: Sequence[float], target: str) -> str:
    ordered = sorted(values)
    figure = f"median {_seconds(ordered[len(ordered) // 2])} of {len(ordered)}" if ordered else "none measured"
    return f"| {text} | {figure} | {target} |"


def _seconds(value: float) -> str:
    return "–" if value == NEVER else f"{value:.0f} s"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "–"
