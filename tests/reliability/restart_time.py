"""P4: a restart on a full store is quick: the API answers, executions are looked at, and the first turn is done.

The stores are filled directly: samples by sealed hours and a hot one, executions as copies of one that really ran.
"""

import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from plugin_optimizer.domain import Metric, Sample
from plugin_optimizer.knowledge import open_samples, open_state
from plugin_optimizer.knowledge.samples import codec
from tests.knowledge.lives import rolled_back
from tests.knowledge.proposals import proposal

from .children.start import command, environment
from .promise import Measured

GATE, DEEP = (500_000, 5_000), (10_000_000, 100_000)  # samples, executions
PARTS = ("api", "tick", "turn", "turn_computing")
PLUGINS, LATEST_SECONDS, STARTS = 20, 5.0, 3
METRICS = (
    Metric.UP,
    Metric.REQUESTS,
    Metric.RESPONSE_TIME_SECONDS,
    Metric.RESPONSE_TIME_P95_SECONDS,
    Metric.ERROR_RATIO,
)
HOUR_SECONDS, STEP_SECONDS = 3_600, 5
ROWS = HOUR_SECONDS // STEP_SECONDS
CHILD_SECONDS = 150.0
ALONE = True
COPY_EXECUTIONS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO executions (id, suggestion_id, fingerprint, plugin_id, knob, state, fence, created_at, finished_at, body)
  SELECT printf('ex_%026d', i), printf('su_%026d', i), fingerprint, plugin_id, knob, state, fence,
  created_at - i * 60.0, finished_at - i * 60.0, replace(body, id, printf('ex_%026d', i)) FROM n, (SELECT * FROM executions LIMIT 1)
"""
COPY_STEPS = """
INSERT INTO steps (execution_id, state, at, actor, reason) SELECT e.id, s.state, s.at, s.actor, s.reason
  FROM executions e, (SELECT * FROM steps) s WHERE e.id LIKE 'ex_000000%'
"""


def measure(deep: bool) -> list[Measured]:
    samples, executions = DEEP if deep else GATE
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        kept = _fill_samples(directory / "samples.db", samples)
        _fill_executions(directory / "state.db", executions)
        starts = [_start(directory) for _ in range(STARTS)]
    worst = {part: max(start.get(part, CHILD_SECONDS) for start in starts) for part in PARTS}
    what = f"restart on {kept / 1e6:.1f} M samples and {executions:,} executions, the slowest of {STARTS}"
    figure = f"API {worst['api']:.1f} s, executions {worst['tick']:.1f} s, first turn {worst['turn']:.1f} s"
    figure += f" ({worst['turn_computing']:.1f} s of computing)"
    held = worst["turn"] <= LATEST_SECONDS and kept >= samples
    return [Measured("P4 restart", what, figure, f"<= {LATEST_SECONDS:g} s", held)]


def _start(directory: Path) -> dict[str, float]:
    """Start the product in a process of its own; return when each part was ready."""
    done = subprocess.run(
        command("starting", directory, time.monotonic()), env=environment(), capture_output=True, text=True,
        timeout=CHILD_SECONDS, check=True,
    )  # fmt: skip
    return {part: float(seconds) for part, seconds in (line.split() for line in done.stdout.splitlines())}


def _fill_samples(path: Path, count: int) -> int:
    """Write at least `count` samples: the last hour hot, what is older sealed by hour. Return how many there are."""
    now = time.time()
    this_hour = int(now) // HOUR_SECONDS * HOUR_SECONDS
    store, names = open_samples(path), [f"plugin-{number}" for number in range(PLUGINS)]
    hot = range(this_hour, int(now), STEP_SECONDS)
    for name in names:
        store.write(Sample(name, metric, float(at), 1.0 + at % 7) for at in (*hot, now) for metric in METRICS)
    store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        kept = len(names) * len(METRICS) * (len(hot) + 1)
        while kept < count:
            this_hour -= HOUR_SECONDS
            kept += _seal_hour(connection, this_hour)
    return kept


def _seal_hour(connection: sqlite3.Connection, start: int) -> int:
    """Write one hour of every plugin and metric; return how many samples that is."""
    times = start + STEP_SECONDS * np.arange(ROWS, dtype=np.float64)
    body = codec.encode(times, 0.05 + 0.01 * np.sin(times))
    cursor = connection.execute("INSERT INTO chunks SELECT p.id, ?, m.id, ? FROM plugins p, metrics m", (start, body))
    return cursor.rowcount * ROWS


def _fill_executions(path: Path, count: int) -> None:
    store = open_state(path)
    rolled_back(store, proposal("plugin-0"))
    store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(COPY_EXECUTIONS, (count,))
        connection.execute(COPY_STEPS)
