"""Judge one labelled set of changes by the engine and by the rules of its peers, and print one table.

`python -m benchmarks.verdicts`: the whole set, from seeds that nobody developed with. `--develop` takes other seeds: what is
changed in the judge is tried on those alone.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from .cases import Family, Maker, cases
from .engine import Trial
from .peers import Bench
from .recorded import Recordings
from .report import ENGINE, Record, mistakes, table

DEVELOP_SEED, REPORT_SEED = 500_000, 900_000


def record_of(recordings: Recordings, until: float, which: tuple[Family, int]) -> Record | None:
    """Make one case and have it judged by all; None where it is too late to begin."""
    if time.monotonic() > until:
        return None
    case = Maker(*which, recordings).case()
    opinion, seen, settled = Trial(case).judged()
    return Record.of(case, {ENGINE: opinion, **Bench(case, seen, settled).opinions()})


def run(chosen: Sequence[tuple[Family, int]], recordings: Recordings, processes: int, until: float) -> Iterator[Record]:
    """Yield the records of the chosen cases, in order; those that would begin after `until` (monotonic) are left out."""
    judged = partial(record_of, recordings, until)
    with ProcessPoolExecutor(processes) as pool:
        yield from filter(None, pool.map(judged, chosen, chunksize=4))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of each family's cases")
    parser.add_argument("--develop", action="store_true", help="the seeds to develop with, not those that are reported")
    parser.add_argument("--recorded", type=Path, help="a folder of recorded series for load and service levels")
    parser.add_argument("--families", nargs="*", help="only those whose names contain one of these")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=15.0, help="begin no more cases then; the families take turns")
    parser.add_argument("--mistakes", action="store_true", help="list what the engine got wrong, by seed")
    options = parser.parse_args()
    first = DEVELOP_SEED if options.develop else REPORT_SEED
    recordings = Recordings.under(options.recorded) if options.recorded else Recordings()
    chosen = [one for one in cases(first, options.share) if _asked(one[0], options.families)]
    begun = time.monotonic()
    records = list(run(chosen, recordings, options.processes, begun + 60.0 * options.minutes))
    kind = "developing" if options.develop else "reporting"
    source = "recorded series" if options.recorded else "drawn loads and levels"
    seeds = [record.seed for record in records]
    done = f"{len(records)} of {len(chosen)} labelled changes of {len({r.family for r in records})} families"
    print(f"{done}, seeds {min(seeds)} to {max(seeds)} ({kind}), {source}\n")
    print("\n".join(table(records)))
    if options.mistakes:
        print("\nWhat the engine got wrong:\n" + "\n".join(mistakes(records)))
    print(f"\n{time.monotonic() - begun:.0f} s with {options.processes} processes")


def _asked(family: Family, names: Sequence[str] | None) -> bool:
    return not names or any(name in family.value for name in names)


if __name__ == "__main__":
    main()
