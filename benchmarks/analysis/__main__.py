"""The analysis, measured: anomalies on two labelled corpora, quiet, leaks, forecasts, breaches, speed; printed as tables.

    python -m benchmarks.analysis [--nab FOLDER] [--cloud FOLDER] [--seed 1] [--parts detection,quiet,…] [--no-trees]

The corpora are read from where they lie and are no part of the project (docs/ANALYSIS.md says where they come from); without
them those rows are left out. Nothing is fitted here: the configuration is the shipped one, a score of 1 is an alert.
"""

import argparse
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from .corpora import Labelled, read_cloud, read_nab
from .detection import Row, measure
from .foretelling import breaches, forecasts, points_per_second
from .healthy import found_faults, quiet
from .leaks import leaks
from .libraries import forecasters, speeds
from .peers import PEERS
from .speed import speed

PARTS = ("detection", "quiet", "leaks", "forecasts", "breaches", "speed")
DAYS, STEP, EACH = 28.0, 60.0, 6


def print_detection(nab: Sequence[Labelled], cloud: Sequence[Labelled], peers: Iterable[str]) -> None:
    rows = measure(nab, cloud, peers)
    print(
        "Anomalies. Ours: one configuration, one bar, chosen before. Peers: their bar fitted to these labels, best of 30.\n"
    )
    print("| alert | NAB standard | low FP | low FN | windows | false | cloud F1 | P | R | events | false | F1 told |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for row in rows:
        print(f"| {row.name}{' (fitted)' if row.fitted else ''} | {_nab(row)} | {_cloud(row)} |")
    ours = rows[0]
    if ours.nab is not None:
        _target("NAB standard, any class", ours.nab.standard, 64.0)
        _target("NAB low FP, any class", ours.nab.low_fp, 60.0)
    if ours.cloud is not None:
        _target("cloud event F1, any class", ours.cloud.f1, 0.60)
        for name, factor in (("EWMA-z", 1.1), ("half-space trees", 1.5)):
            peer = next((r.cloud for r in rows if r.name == name), None)
            if peer is not None:
                _target(f"cloud event F1 over {name}", ours.cloud.f1 / max(1e-9, peer.f1), factor)
    if ours.told is not None:
        _target("the same of alerts after their rest", ours.told.f1, 0.60)


def _nab(row: Row) -> str:
    if row.nab is None:
        return "– | – | – | – | –"
    low = row.nab.low_fp if row.low_fp is None else row.low_fp
    n = row.nab
    return f"{n.standard:.1f} | {low:.1f} | {n.low_fn:.1f} | {n.hits}/{n.windows} | {n.false_alarms}"


def _cloud(row: Row) -> str:
    if row.cloud is None or row.told is None:
        return "– | – | – | – | – | –"
    c = row.cloud
    return (
        f"{c.f1:.3f} | {c.precision:.2f} | {c.recall:.2f} | {c.found}/{c.events} | {c.false_alerts} | {row.told.f1:.3f}"
    )


def print_quiet(seed: int) -> None:
    found = quiet(DAYS, STEP, EACH, seed)
    print(f"\nFalse alarms per healthy series-day: {EACH} series of each kind, {DAYS:.0f} days of minutes\n")
    print(
        "| healthy | all days | from day 8 on | level | deviation | shift | variance |\n|---|--:|--:|--:|--:|--:|--:|"
    )
    for one in found:
        classes = " | ".join(f"{v:.3f}" for v in one.by_class.values())
        print(f"| {one.kind} | {one.a_day:.3f} | {one.a_day_later:.3f} | {classes} |")
    mean, later = (sum(values) / len(found) for values in ([q.a_day for q in found], [q.a_day_later for q in found]))
    print(f"| all | {mean:.3f} | {later:.3f} | | | | |")
    _target("false alarms a series-day, all days", mean, 0.05, most=True)
    _target("false alarms a series-day, from day 8 on", later, 0.05, most=True)
    print("\nFaults on the ninth day, minutes\n\n| fault | found within a day | median delay, minutes |\n|---|--:|--:|")
    for fault in found_faults(STEP, 30, seed):
        print(f"| {fault.fault} | {fault.share:.0%} | {fault.delay_rows:.0f} |")


def print_leaks(seed: int) -> None:
    print("\nLeaks: 1,000 healthy and 1,000 leaking days of memory\n")
    print("| test | says leak from | false alarms | recall | recall at a true 1 % | AUC |\n|---|--:|--:|--:|--:|--:|")
    found = leaks(1_000, seed)
    for one in found:
        shares = f"{one.false_alarms:.1%} | {one.recall:.1%} | {one.recall_at_1:.1%}"
        print(f"| {one.test} | {one.critical:g} | {shares} | {one.area:.3f} |")
    _target("leak false alarms", found[0].false_alarms, 0.015, most=True)
    _target("leak recall", found[0].recall, 0.75)


def print_forecasts(series: Sequence[Labelled], seed: int) -> None:
    print("\nForecasts: error over that of the last value, 4,000 stretches of the corpora, 240 rows known\n")
    others = forecasters(series, seed)
    named = "".join(f" {peer.name} |" for peer in others)
    head = f"| rows ahead | ours | without artificial series | median of 24 |{named} 80 % band held |"
    print(f"{head}\n|--:|--:|--:|--:|" + "--:|" * (1 + len(others)))
    for one in forecasts(series, 4_000, seed):
        theirs = "".join(f" {peer.ratios[one.ahead]:.3f} |" for peer in others)
        print(f"| {one.ahead} | {one.ratio:.3f} | {one.real:.3f} | {one.median_24:.3f} |{theirs} {one.coverage:.1%} |")
        if one.ahead > 1:
            _target(f"error {one.ahead} rows ahead", one.ratio, 0.90 if one.ahead == 12 else 0.92, most=True)
        _target(f"coverage {one.ahead} rows ahead", one.coverage, 0.75)
        _target(f"coverage {one.ahead} rows ahead", one.coverage, 0.85, most=True)
    own = points_per_second(series, seed)
    print(f"\nForecasts at three distances, known rows per second of CPU: ours {own:,.0f}")
    for peer in others:
        print(f"{peer.name}: {peer.points_per_second:,.0f}, ours {own / peer.points_per_second:,.1f} ×")
        _target(f"times the speed of {peer.name}", own / peer.points_per_second, 1_000)


def print_breaches(seed: int) -> None:
    found = breaches(2_000, seed)
    print(f"\nBeyond a limit within 60 rows: {found.cases} cases, {found.share:.0%} true\n")
    print("| average precision | |\n|---|--:|")
    for name, value in (("ours", found.ours), ("line of 120 rows", found.line), ("level alone", found.level)):
        print(f"| {name} | {value:.3f} |")
    _target("breach average precision", found.ours, 0.96)


def print_speed(seed: int) -> None:
    found = speed(seed)
    print("\nSpeed, CPU of one process\n\n| | |\n|---|--:|")
    print(f"| 60,000 points fully analysed | {found.row_ms:.1f} ms, {found.points_per_second / 1e6:.1f} M points/s |")
    print(f"| JSON to verdict, 10,000 plugins of six series ({found.json_megabytes:.2f} MB) | {found.json_ms:.1f} ms |")
    print(f"| state | {found.bytes_per_series} bytes a series |")
    ratio = found.points_per_second / found.trees_per_second
    print(f"| half-space trees (our reference in numpy) | {found.trees_per_second:,.0f} points/s: {ratio:,.0f} × |")
    for peer in speeds(seed):
        faster = found.points_per_second / peer.points_per_second
        print(f"| {peer.name} | {peer.points_per_second:,.0f} points/s: {faster:,.1f} × |")
        wanted = 500 if "trees" in peer.name else 20
        _target(f"times the speed of {peer.name}", faster, wanted)
    _target("60,000 points, ms", found.row_ms, 10.0, most=True)
    _target("JSON to verdict, ms", found.json_ms, 50.0, most=True)
    _target("bytes a series", found.bytes_per_series, 512, most=True)
    _target("times the speed of half-space trees", ratio, 500)


def _target(name: str, value: float, wanted: float, most: bool = False) -> None:
    """Print a missed target as such; a target that is met needs no word."""
    if value > wanted if most else value < wanted:
        print(f"MISSED: {name} is {value:.3g}, wanted {'at most' if most else 'at least'} {wanted:g}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="analysis", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--nab", type=Path, help="a folder with windows.json and <group>/<series>.csv.gz")
    parser.add_argument("--cloud", type=Path, help="a folder with <group>/<series>.csv.gz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated, of: " + ", ".join(PARTS))
    parser.add_argument("--no-trees", action="store_true", help="without half-space trees, the slow peer")
    asked = parser.parse_args(arguments)
    parts = asked.parts.split(",")
    begun = time.process_time()
    nab = read_nab(asked.nab) if asked.nab else []
    cloud = read_cloud(asked.cloud) if asked.cloud else []
    if "detection" in parts and (nab or cloud):
        print_detection(nab, cloud, [n for n in PEERS if not (asked.no_trees and n == "half-space trees")])
    if "quiet" in parts:
        print_quiet(asked.seed)
    if "leaks" in parts:
        print_leaks(asked.seed)
    if "forecasts" in parts and (nab or cloud):
        print_forecasts([*nab, *cloud], asked.seed)
    if "breaches" in parts:
        print_breaches(asked.seed)
    if "speed" in parts:
        print_speed(asked.seed)
    print(f"\nseed {asked.seed}; {time.process_time() - begun:.0f} s of CPU")


if __name__ == "__main__":
    main()
