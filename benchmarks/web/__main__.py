"""Measure the dashboard in a real Chromium and print one table: figure, measured, target, held.

    python -m benchmarks.web [--seconds 60] [--list] [ROW ...]

Without rows, all of them. The server is the real one with the demo's services; where it cannot be brought into a state
(ten thousand plugins, every error), `frontend/dev/fixture-server.mjs` answers, and the line says "canned". Times depend
on what else the machine does; bytes, counts and CPU time of the main thread hardly do. Ends with 1 where a target is missed.
"""

import argparse
import sys
from collections.abc import Mapping

from .accessibility import accessibility
from .builds import builds
from .clicks import clicks
from .figure import Figure, Row
from .first_load import first_load, first_load_canned, usable
from .large_list import large_list
from .left_open import left_open
from .lighthouse import lighthouse
from .live_charts import live_charts
from .messages import messages
from .stage import Stage
from .tabs import tabs

ROWS: Mapping[str, Row] = {
    "first-load": first_load,
    "first-load-canned": first_load_canned,
    "usable": usable,
    "lighthouse": lighthouse,
    "left-open": left_open,
    "tabs": tabs,
    "charts": live_charts,
    "fleet": large_list,
    "axe": accessibility,
    "messages": messages,
    "builds": builds,
    "clicks": clicks,  # the last one: what it executes changes what the demo suggests
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="how long a page is left open; 1800 for the whole figure"
    )
    parser.add_argument("--list", action="store_true", help="name the rows")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"no row is called {', '.join(sorted(unknown))}; known are {', '.join(ROWS)}")
    if options.list:
        print("\n".join(ROWS))
        return 0
    print("| figure | measured | target | |\n|---|---|---|---|", flush=True)
    with Stage(options.seconds) as stage:
        figures = [shown(figure) for name in options.rows or ROWS for figure in ROWS[name](stage)]
    missed = [figure for figure in figures if figure.held is False]
    print(f"\n{len(missed)} of {sum(figure.held is not None for figure in figures)} targets missed")
    return 1 if missed else 0


def shown(figure: Figure) -> Figure:
    print(f"| {figure.name} | {figure.measured} | {figure.target} | {figure.word} |", flush=True)
    return figure


if __name__ == "__main__":
    sys.exit(main())
