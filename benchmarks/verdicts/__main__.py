"""Judge one labelled set of changes by the engine and by the rules of its peers, and print one table.

`python -m benchmarks.verdicts`: the whole set, from seeds that nobody developed with. `--develop` takes other seeds: what is
changed in the judge is tried on those alone.
"""

import argparse
import pickle
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from .cases import COUNTS, Family, Maker, cases
from .engine import Trial
from .peers import Bench
from .recorded import Recordings
from .report import ENGINE, Record, mistakes, table

DEVELOP_SEED, REPORT_SEED = 500_000, 900_000


def record_of(recordings: Recordings, which: tuple[Family, int]) -> Record:
    """Make one case and have it judged by all."""
    case = Maker(*which, recordings).case()
    opinion, seen, settled = Trial(case).judged()
    return Record.of(case, {ENGINE: opinion, **Bench(case, seen, settled).opinions()})


def run(chosen: Sequence[tuple[Family, int]], recordings: Recordings, processes: int) -> Iterator[Record]:
    """Yield the records of the chosen cases, in order."""
    if processes <= 1:
        yield from map(partial(record_of, recordings), chosen)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(partial(record_of, recordings), chosen, chunksize=4)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of each family's cases")
    parser.add_argument("--develop", action="store_true", help="the seeds to develop with, not those that are reported")
    parser.add_argument("--recorded", type=Path, help="a folder of recorded series for load and service levels")
    parser.add_argument("--families", nargs="*", help="only those whose names contain one of these")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--mistakes", action="store_true", help="list what the engine got wrong, by seed")
    parser.add_argument("--save", type=Path, help="keep all opinions there (pickle)")
    options = parser.parse_args()
    first = DEVELOP_SEED if options.develop else REPORT_SEED
    recordings = Recordings.under(options.recorded) if options.recorded else Recordings()
    chosen = [one for one in cases(first, options.share) if _asked(one[0], options.families)]
    begun = time.monotonic()
    records = list(run(chosen, recordings, options.processes))
    last = max(seed for _, seed in chosen)
    kind = "developing" if options.develop else "reporting"
    source = "recorded series" if options.recorded else "drawn loads and levels"
    print(f"{len(records)} labelled changes of {len(COUNTS)} families, seeds {first} to {last} ({kind}), {source}\n")
    print("\n".join(table(records)))
    if options.mistakes:
        print("\nWhat the engine got wrong:\n" + "\n".join(mistakes(records)))
    if options.save:
        options.save.write_bytes(pickle.dumps(records))
    print(f"\n{time.monotonic() - begun:.0f} s with {options.processes} processes")


def _asked(family: Family, names: Sequence[str] | None) -> bool:
    return not names or any(name in family.value for name in names)


if __name__ == "__main__":
    main()
