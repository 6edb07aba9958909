"""The referee on real gunicorns: 3 against 5 workers, 4 against 4, 5 against 6, side by side; prints a table.

python -m benchmarks.switchback [--pairs 14] [--block 8] [--seed 1] [3:5 4:4 5:6]
"""

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from plugin_optimizer.domain import Metric, Verdict
from plugin_optimizer.domain.comparison import Comparison
from plugin_optimizer.models.switchback import block_shape

from .case import GOALS, REQUESTS_PER_SECOND, SERVICE_SECONDS, Case, Result, compare

NAMES = {Metric.RESPONSE_TIME_SECONDS: "mean", Metric.RESPONSE_TIME_P95_SECONDS: "p95"}
HEAD = (
    f"{'workers':>9}  {'judged by':<9}  {'effect':>6}  {'interval':>13}  {'p':>7}  {'verdict':<12}  "
    f"{'p95 before -> after':>19}  {'pairs':>5}  {'errors':>12}"
)


def main() -> None:
    arguments = _arguments()
    shape = block_shape(0.0, REQUESTS_PER_SECOND, GOALS[0])
    plan = Comparison(arguments.seed, arguments.pairs, arguments.block or shape.seconds, shape.dropped_seconds, 1.0)
    cases = [Case(_pair(text), replace(plan, seed=plan.seed + number)) for number, text in enumerate(arguments.workers)]
    with ProcessPoolExecutor(len(cases), mp_context=multiprocessing.get_context("spawn")) as side_by_side:
        results = list(side_by_side.map(compare, cases))
    print(
        f"{plan.pairs} pairs of {plan.block_seconds:g}-s blocks, {REQUESTS_PER_SECOND:g} requests/s, "
        f"exponential service of {1000 * SERVICE_SECONDS:g} ms, {len(cases)} services side by side"
    )
    print(HEAD)
    for result in results:
        _print(result)


def _print(result: Result) -> None:
    for metric, verdict in zip(GOALS, result.verdicts, strict=True):
        print(_row(result, NAMES[metric], verdict))
    blocks, took = len(result.case.comparison.blocks), sorted(result.turns)
    broken = "" if result.broken is None else f"; ended early: {result.broken.arm} {result.broken.reason.code}"
    print(
        f"{'':>9}  {blocks} blocks; turns took {took[len(took) // 2]:.1f} s (median), {took[-1]:.1f} s at most; "
        f"blocks differed by ±{100 * result.deviation:.0f} % by themselves before{broken}"
    )


def _row(result: Result, judged_by: str, verdict: Verdict) -> str:
    chance = next((m.params["chance"] for m in verdict.reasons if m.code == "comparison_pairs"), float("nan"))
    failed = sum(answer.failed for answer in result.answers)
    before, after = result.case.workers
    return (
        f"{f'{before} vs {after}':>9}  {judged_by:<9}  {'×' + format(verdict.effect, '.3f'):>6}  "
        f"{f'{verdict.low:.3f}-{verdict.high:.3f}':>13}  {chance:>7}  {verdict.outcome:<12}  "
        f"{f'{verdict.before:.3f} -> {verdict.after:.3f} s':>19}  {verdict.windows:>5}  "
        f"{f'{failed} of {len(result.answers)}':>12}"
    )


def _pair(text: str) -> tuple[int, int]:
    before, after = (int(part) for part in text.split(":"))
    return before, after


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workers", nargs="*", default=["3:5", "4:4", "5:6"], help="numbers of workers before:after")
    parser.add_argument("--pairs", type=int, default=14)
    parser.add_argument("--block", type=float, default=0.0, help="seconds; what the plan says where left out")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
