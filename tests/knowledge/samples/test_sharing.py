"""Threads and processes share one file of samples."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np

from plugin_optimizer.domain import Metric, Sample
from plugin_optimizer.knowledge import SqliteSampleStore, open_samples
from tests.knowledge.proposals import HOUR, NOW

CPU = Metric.CPU_RATIO


def write(store: SqliteSampleStore, plugin_id: str) -> None:
    for i in range(40):
        store.write([Sample(plugin_id, CPU, NOW + 300 * i, float(i))])


def read(store: SqliteSampleStore, done: threading.Event) -> None:
    while not done.is_set():
        store.window(["p0", "p1"], NOW + 3 * HOUR, 600, 5)
        store.range("p0", [CPU], NOW, NOW + 4 * HOUR, 100)
        store.latest(["p2", "p3"])


def trim(store: SqliteSampleStore) -> None:
    for hour in range(8):
        store.trim(NOW + hour * HOUR)


def test_writers_readers_and_the_trimmer_do_not_disturb_each_other(
    samples: SqliteSampleStore, samples_path: Path
) -> None:
    """Two stores, four writers, two readers, one trimmer: every sample is there, nobody fails."""
    second, done = open_samples(samples_path), threading.Event()
    with ThreadPoolExecutor(7) as pool:
        readers = [pool.submit(read, store, done) for store in (samples, second)]
        workers = [pool.submit(write, (samples, second)[i % 2], f"p{i}") for i in range(4)]
        workers.append(pool.submit(trim, samples))
        wait(workers, timeout=60)
        done.set()
    for future in (*readers, *workers):
        future.result()
    for store in (samples, second):
        for i in range(4):
            pairs = store.range(f"p{i}", [CPU], NOW, NOW + 4 * HOUR, 100)[CPU]
            assert [value for _, value in pairs] == [float(n) for n in range(40)]
    second.close()


def test_the_newest_of_many_plugins_at_once(samples: SqliteSampleStore, samples_path: Path) -> None:
    """Time and value in the order asked for, of one metric or of any; NaN for what was never measured; also what others wrote."""
    samples.write([Sample("a", CPU, NOW, 1.0), Sample("a", Metric.WORKERS, NOW + 5, 2.0)])
    second = open_samples(samples_path)
    second.write([Sample("b", CPU, NOW + 1, 3.0)])
    times, values = samples.last_values(["b", "gone", "a"], CPU)
    np.testing.assert_array_equal(times, [NOW + 1, np.nan, NOW])
    np.testing.assert_array_equal(values, [3.0, np.nan, 1.0])
    np.testing.assert_array_equal(samples.last_values(["a", "b"])[0], [NOW + 5, NOW + 1])
    assert np.isnan(samples.last_values(["a"], Metric.BUSY_RATIO)[1]).all()
    assert samples.last_values([])[0].shape == (0,)
    second.close()


def test_the_number_of_writes_grows_in_every_store_of_the_file(samples: SqliteSampleStore, samples_path: Path) -> None:
    """Whoever keeps something made of samples learns that it is old, whichever process wrote."""
    second = open_samples(samples_path)
    before = (samples.written(), second.written())
    second.write([Sample("a", CPU, NOW, 1.0)])
    assert samples.written() > before[0]
    assert second.written() > before[1]
    assert samples.written() == samples.written()
    second.close()


def test_a_fork_leaves_the_parents_connections_alone(samples: SqliteSampleStore) -> None:
    """The child reads and writes by connections of its own; the parent sees what it wrote."""
    samples.write([Sample("parent", CPU, NOW, 1.0)])
    child = os.fork()
    if child == 0:
        try:
            assert samples.latest(["parent"])["parent"][CPU].value == 1.0
            samples.write([Sample("child", CPU, NOW, 2.0)])
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    samples.write([Sample("parent", CPU, NOW + 5, 3.0)])
    assert samples.window(["child", "parent"], NOW + 5, 10, 5).series(CPU).tolist()[0][0] == 2.0
    assert samples.latest(["parent"])["parent"][CPU].value == 3.0
