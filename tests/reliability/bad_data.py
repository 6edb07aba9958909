"""P8: bad data never moves anything. Every class of it on every way into the loop against every rule."""

import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np

from plugin_optimizer.domain import CacheTrace, Metric, Policy, RequestTrace, Sample
from tests.backoffice import (
    START,
    STEP,
    Service,
    menu,
    orders,
    poisson,
    recommendations,
    record,
    reports,
    reservations,
)

from .bad_data_world import (
    BAD_TURNS,
    GOOD_TURNS,
    Outcome,
    Patient,
    Spoil,
    SpoilCaches,
    SpoilLines,
    SpoilSamples,
    told,
    treat,
)
from .promise import Measured
from .seed import seed

SECONDS = (GOOD_TURNS + BAD_TURNS) * STEP + 5.0
LIMITS_SECONDS = (900.0, 3_600.0)
FLEETS = {False: 1, True: 8}
RULES = ("increase", "decrease", "cache", "recycle")
SHOWN = 10
WELL_SIZED = 384  # of 400 keys: no other size is worth it


def measure(deep: bool) -> list[Measured]:
    """Treat one fleet for each rule (deep: eight, with other requests), two at a time."""
    numbers = range(100 * seed(), 100 * seed() + FLEETS[deep])
    jobs = [(rule, number) for number in numbers for rule in RULES]
    with ProcessPoolExecutor(2) as pool:
        outcomes = dict(zip(jobs, pool.map(run, *zip(*jobs, strict=True)), strict=True))
    acted = [name for outcome in outcomes.values() for name in moved(outcome) if name != CONTROL]
    cured = [job for job, outcome in outcomes.items() if CONTROL in moved(outcome)]
    mute = [name for (rule, _), outcome in outcomes.items() for name in unexplained(rule, outcome)]
    faults = sorted({fault for outcome in outcomes.values() for fault in outcome.faults})
    for line in [*(f"bad data moved {n}" for n in acted), *(f"no reason for {n}" for n in mute), *faults][:SHOWN]:
        sys.stdout.write(f"{line}\n")
    combinations = sum(len(list(patients(rule, number))) - 1 for rule, number in jobs)
    what = f"{combinations} of class x path x rule, {BAD_TURNS} bad turns each; {len(cured)} of {len(jobs)} controls acted on good data"
    told_of = f"{combinations - len(mute)} of {combinations}"
    return [
        Measured(
            "P8 bad data never moves anything",
            what,
            f"{len(acted)} actions",
            "0 actions",
            not acted and len(cured) == len(jobs),
        ),
        Measured("P8 every refusal leaves a reason", "the same", told_of, "all", not mute and not faults),
    ]


def run(rule: str, number: int) -> Outcome:
    return treat(patients(rule, number))


CONTROL = "control"


def moved(outcome: Outcome) -> set[str]:
    """Return the plugins of which a change was suggested, let alone approved."""
    return {suggestion.proposal.plugin_id for suggestion in outcome.suggestions}


def unexplained(rule: str, outcome: Outcome) -> list[str]:
    """Return the spoilt plugins of which nobody says that data was refused, missing, or not enough."""
    names = [name for name in outcome.said if name not in {CONTROL, "healthy"}]
    return [f"{rule}: {name}" for name in names if not any(_explains(code) for code in outcome.said[name])]


def _explains(code: str) -> bool:
    return code.startswith("gate_") or code in {"stale", "thin_data", "one_source_only", "sources_disagree", "no_probe"}


# The services of each rule: one that is well, and the control, of which the same rule wants a change


def patients(rule: str, number: int) -> Iterator[Patient]:
    well = _well(rule, np.random.default_rng(number))
    yield Patient(CONTROL, _named(CONTROL, _ill(rule, np.random.default_rng(number))))
    yield Patient("healthy", _named("healthy", well))
    for name, spoilt in spoilt_records(rule):
        yield Patient(f"records-{name}", _named(f"records-{name}", well), records=spoilt)
    for name, spoilt_caches in CACHES.items() if rule == "cache" else ():
        yield Patient(f"caches-{name}", _named(f"caches-{name}", well), caches=spoilt_caches)
    for name, spoilt_samples in spoilt_processes(rule):
        yield Patient(f"processes-{name}", _named(f"processes-{name}", well), samples=spoilt_samples)
    for name, spoilt_lines in spoilt_statsd(rule):
        yield Patient(f"statsd-{name}", _named(f"statsd-{name}", well), lines=spoilt_lines, by_statsd=True)


def _named(name: str, service: Service) -> Service:
    return replace(service, plugin_id=name)


def _well(rule: str, rng: np.random.Generator) -> Service:
    if rule == "increase":
        return orders(rng, SECONDS, workers=4)
    if rule == "decrease":
        arrival = poisson(rng, 60.0, SECONDS)
        wall = rng.gamma(8.0, 0.040 / 8, len(arrival))
        return Service("busy", 5, record(arrival, wall, 5, cpu=0.010), Policy(response_time_seconds=0.5))
    if rule == "cache":
        return recommendations(rng, SECONDS, size=WELL_SIZED)
    service = menu(rng, SECONDS)  # with enough to compute for a fall to be told from chance
    trace = replace(service.trace, cpu=np.minimum(service.trace.wall, 0.010))
    return replace(service, trace=trace, knobs=reservations(rng, 60.0).knobs)


def _ill(rule: str, rng: np.random.Generator) -> Service:
    makes = {"increase": orders, "decrease": reports, "cache": recommendations, "recycle": reservations}
    return makes[rule](rng, SECONDS)


# Records of requests


def spoilt_records(rule: str) -> Iterator[tuple[str, Spoil]]:
    slow = 40.0 if rule == "increase" else 0.02

    def column(field: str, value: float) -> Spoil:
        return lambda trace, _: replace(trace, **{field: np.full(len(trace), value)})

    def shifted(seconds: float) -> Spoil:
        return lambda trace, _: replace(trace, arrival=trace.arrival + seconds, wall=trace.wall * slow)

    held: list[RequestTrace] = []

    def again(trace: RequestTrace, _: float) -> RequestTrace:
        held.append(trace)
        return RequestTrace.merge(trace, *held[-6:])

    def zeros(trace: RequestTrace, _: float) -> RequestTrace:
        return trace.where(np.zeros(len(trace), dtype=np.bool_))

    yield "nan", column("wall", float("nan"))
    yield "infinite", column("queue_wait", float("inf"))
    yield "negative", column("wall", -1.0)
    yield "too-large", column("queue_wait", 1e6)
    yield "zero-durations", column("wall", 0.0)
    yield "future", shifted(300.0)
    yield "too-old", shifted(-4_000.0)
    yield "duplicate", again
    yield "silent", zeros
    yield "thinned", lambda trace, _: trace.where(np.arange(len(trace)) % 15 == 0)
    yield "frozen", column("wall", slow * 0.1)


# Counters and keys of caches


def _dead(cache: CacheTrace, turn: int) -> CacheTrace:
    del turn
    return replace(cache, hits=0, misses=0)


def _restarting(cache: CacheTrace, turn: int) -> CacheTrace:
    return cache if turn % 2 else replace(cache, hits=0, misses=1)


CACHES: Mapping[str, SpoilCaches] = {
    "negative": lambda cache, _: replace(cache, hits=-5, misses=10**6),
    "zero-size": lambda cache, _: replace(cache, capacity=0),
    "negative-load": lambda cache, _: replace(cache, load_seconds=-1.0),
    "counters-gone": _dead,
    "reset": _restarting,
}


# Figures of processes


def spoilt_processes(rule: str) -> Iterator[tuple[str, SpoilSamples]]:
    up = rule in {"increase", "recycle"}
    begin = START + GOOD_TURNS * STEP
    first: dict[Metric, float] = {}

    def each(value: float) -> SpoilSamples:
        return lambda samples, _: [s if s.metric is Metric.UP else replace(s, value=value) for s in samples]

    def driven(samples: list[Sample]) -> list[Sample]:
        """Make them say what the rule would act on: much and growing, or next to nothing."""
        kept = {Metric.UP, Metric.WORKERS, Metric.RESTARTS}
        return [s if s.metric in kept else replace(s, value=s.value * factor(s.at)) for s in samples]

    def factor(at: float) -> float:
        return 1.0 + (at - begin) / 30.0 if up else 0.01

    def at(seconds: float) -> SpoilSamples:
        return lambda samples, _: [replace(s, at=s.at + seconds) for s in driven(samples)]

    def frozen(samples: list[Sample], _: float) -> list[Sample]:
        return [replace(s, value=first.setdefault(s.metric, s.value)) for s in samples]

    def zero(samples: list[Sample], _: float) -> list[Sample]:
        return [s if s.metric is Metric.UP else replace(s, value=0.0) for s in samples]

    yield "nan", each(float("nan"))
    yield "infinite", each(float("inf"))
    yield "too-large", each(1e16)
    yield "reset", lambda samples, _: [s if s.metric is Metric.UP else replace(s, value=-s.value - 1) for s in samples]
    yield (
        "half-a-worker",
        lambda samples, _: [replace(s, value=2.5) if s.metric is Metric.WORKERS else s for s in samples],
    )
    yield "ratio-above-one", lambda samples, now: [*samples, *_ratios(samples[0].plugin_id, now)]
    yield "future", at(40.0)
    yield "too-old", at(-4_000.0)
    yield "duplicate", lambda samples, _: [*samples, *driven(samples)]
    yield "back-dated", lambda samples, _: [*samples, *(replace(s, at=s.at - 7.0) for s in driven(samples))]
    yield "zero", zero
    yield "fallen", lambda samples, _: [replace(s, value=s.value * 0.01) if "cpu" in s.metric else s for s in samples]
    yield "frozen", frozen
    yield "silent", lambda samples, _: []


def _ratios(plugin_id: str, now: float) -> list[Sample]:
    return [Sample(plugin_id, metric, now, 7.0) for metric in (Metric.ERROR_RATIO, Metric.CACHE_HIT_RATIO)]


# Datagrams


def spoilt_statsd(rule: str) -> Iterator[tuple[str, SpoilLines]]:
    milliseconds = 9_000.0 if rule == "increase" else 0.5

    def telling(value: str) -> SpoilLines:
        def spoil(lines: list[str], _: int) -> list[str]:
            name = lines[0].partition(".gunicorn")[0] if lines else "x"
            return [line.replace(line[line.rindex(":") + 1 : line.rindex("|")], value) for line in lines if name]

        return spoil

    yield "nan", telling("nan")
    yield "infinite", telling("inf")
    yield "negative", telling("-7")
    yield "too-large", telling("1e12")
    yield "words", telling("many")
    yield "silent", lambda lines, _: []
    yield (
        "frozen",
        lambda lines, _: [x for line in lines[::3] for x in told(line.partition(".gunicorn")[0], milliseconds)],
    )
