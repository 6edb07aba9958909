"""From the onset of a fault to the suggestion, and suggestions about healthy plugins: seeded, printed as two tables.

    python -m benchmarks.detection_delay [--occurrences 60] [--hours 1000] [--first-seed 500000] [--processes 2]

The product's detectors and planners are fed the recorded requests of simulated services turn by turn (every 5 s, as the
engine does), beside two fixed rules on the very same requests. Sensing, storing and the page's own look come on top of the delays: below a second.
Seeds below 500,000 are for development.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from .faults import AFTER, KINDS, ONSET, WORKERS, Fault, fault, needed_workers
from .healthy import HOUR, healthy
from .healthy import KINDS as HEALTHY_KINDS
from .rules import for_a_minute, static_threshold
from .turns import STEP_SECONDS, Offer, Watch, Watched
from .world import EPOCH

ENGINE = "engine"
PEERS: dict[str, Callable[[Watched, float, float], list[Offer]]] = {
    "static threshold": static_threshold,
    "60 s above": for_a_minute,
}
FIRST_SEED = 500_000
TOGETHER = 24  # healthy plugins of one fleet
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds from the onset to the first right suggestion of each rule; `wrong` is what the engine suggested besides."""

    kind: str
    seconds: dict[str, float]
    early: int
    wrong: tuple[str, ...]
    off: int | None  # workers suggested over those a long run needs, where more workers were suggested and can do it


@dataclass(frozen=True, slots=True)
class Hours:
    """Plugin-hours of one kind and the suggestions in them, by rule."""

    kind: str
    hours: int
    alarms: dict[str, int]
    types: tuple[str, ...]


def occurrence(kind: str, seed: int) -> Delay:
    """Let one fault happen, and time who notices."""
    rng = np.random.default_rng((seed, list(KINDS).index(kind)))
    happened = fault(kind, rng)
    plugin = Watched("plugin", happened.world, happened.trace, happened.slo_seconds)
    begin = EPOCH + happened.sampled_from - float(rng.uniform(0, STEP_SECONDS))
    unwatched = int((happened.watched_from - happened.sampled_from) / STEP_SECONDS)
    onset, end = EPOCH + ONSET, EPOCH + ONSET + AFTER
    offers = Watch((plugin,), begin, int((end - begin) / STEP_SECONDS), unwatched).until(
        lambda offer: offer.type in happened.right and offer.at >= onset
    )
    right = [o.at - onset for o in offers if o.type in happened.right and o.at >= onset]
    seconds = {ENGINE: min(right, default=NEVER)}
    for name, rule in PEERS.items():
        seconds[name] = min((o.at - onset for o in rule(plugin, begin, end) if o.at >= onset), default=NEVER)
    early = sum(o.at < onset for o in offers)
    wrong = tuple(o.type for o in offers if o.at >= onset and o.type not in happened.right)
    return Delay(kind, seconds, early, wrong, _off(happened, offers, rng))


def _off(happened: Fault, offers: Sequence[Offer], rng: np.random.Generator) -> int | None:
    wanted = offers[-1].wanted if offers and offers[-1].type == WORKERS else None
    needed = needed_workers(happened, rng) if wanted is not None else None
    return None if wanted is None or needed is None else wanted - needed


def quiet_hours(seed: int) -> list[Hours]:
    """Watch a fleet of healthy plugins, as many of each kind, for an hour."""
    rng = np.random.default_rng(seed)
    drawn = [healthy(HEALTHY_KINDS[i % len(HEALTHY_KINDS)], rng) for i in range(TOGETHER)]
    fleet = [Watched(f"plugin-{i}", h.world, h.trace, h.slo_seconds) for i, h in enumerate(drawn)]
    kinds = {plugin.plugin_id: h.kind for plugin, h in zip(fleet, drawn, strict=True)}
    alarms: dict[str, Counter[str]] = defaultdict(Counter)
    types = defaultdict(list)
    for offer in Watch(fleet, EPOCH, int(HOUR / STEP_SECONDS)).offers():
        alarms[kinds[offer.plugin_id]][ENGINE] += 1
        types[kinds[offer.plugin_id]].append(offer.type)
    for plugin in fleet:
        for name, rule in PEERS.items():
            alarms[kinds[plugin.plugin_id]][name] += len(rule(plugin, EPOCH, EPOCH + HOUR))
    count = Counter(kinds.values())
    return [Hours(kind, count[kind], dict(alarms[kind]), tuple(types[kind])) for kind in HEALTHY_KINDS]


def print_delays(delays: Sequence[Delay]) -> None:
    rules = (ENGINE, *PEERS)
    print(f"Seconds from the onset to the suggestion: median / 90 % / noticed within {AFTER} s\n")
    print(f"| fault | n | {' | '.join(rules)} | workers −1, 0, +1, beyond | wrong besides |")
    print("|---|--:|" + "--:|" * len(rules) + "---|---|")
    for kind in (*KINDS, "all"):
        own = [d for d in delays if kind in (d.kind, "all")]
        cells = [_cell([d.seconds[rule] for d in own]) for rule in rules]
        wrong = Counter(w for d in own for w in d.wrong)
        print(f"| {kind} | {len(own)} | {' | '.join(cells)} | {_offsets(own)} | {_counted(wrong)} |")
    print(f"\nbefore the onset: {sum(d.early for d in delays)} suggestions\n")


def print_hours(found: Sequence[Hours]) -> None:
    rules = (ENGINE, *PEERS)
    print("Suggestions about healthy plugins per 100 plugin-hours\n")
    print(f"| healthy | hours | {' | '.join(rules)} | the engine's |")
    print("|---|--:|" + "--:|" * len(rules) + "---|")
    for kind in (*HEALTHY_KINDS, "all"):
        own = [h for h in found if kind in (h.kind, "all")]
        hours = sum(h.hours for h in own)
        cells = [f"{100 * sum(h.alarms.get(rule, 0) for h in own) / max(1, hours):.2f}" for rule in rules]
        print(f"| {kind} | {hours} | {' | '.join(cells)} | {_counted(Counter(t for h in own for t in h.types))} |")


def _cell(seconds: Sequence[float]) -> str:
    noticed = sum(s < NEVER for s in seconds)
    middle, late = (float(np.quantile(seconds, q, method="higher")) for q in (0.5, 0.9))
    return f"{_told(middle)} / {_told(late)} / {noticed / len(seconds):.0%}"


def _offsets(delays: Sequence[Delay]) -> str:
    found = [d.off for d in delays if d.off is not None]
    return ", ".join(str(found.count(n)) for n in (-1, 0, 1)) + f", {sum(abs(n) > 1 for n in found)}" if found else "–"


def _told(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds < NEVER else "–"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common()) or "–"


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="detection_delay", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--occurrences", type=int, default=60)
    parser.add_argument("--hours", type=int, default=1000)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(None if arguments is None else list(arguments))
    began = time.monotonic()
    with ProcessPoolExecutor(asked.processes) as pool:
        seeds = range(asked.first_seed, asked.first_seed + asked.occurrences)
        delays = [d for kind in KINDS for d in pool.map(partial(occurrence, kind), seeds, chunksize=4)]
        if delays:
            print_delays(delays)
        fleets = range(asked.first_seed, asked.first_seed + -(-asked.hours // TOGETHER))
        quiet = [hours for fleet in pool.map(quiet_hours, fleets) for hours in fleet]
        if quiet:
            print_hours(quiet)
    print(f"\nfirst seed {asked.first_seed}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
