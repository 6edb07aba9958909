"""What the engine saw is kept for a while, and read without a trace."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import ConfigError, Knob, Pool, RequestTrace, SeenSettings
from plugin_optimizer.knowledge.recordings import open_recorded_past, open_recorder
from plugin_optimizer.knowledge.recordings.body import packed, unpacked
from plugin_optimizer.knowledge.recordings.recorder import RequestRecorder

T0 = 1_790_000_000.0
KNOB = Knob("workers", 2, minimum=1, maximum=8, kind="workers")


def trace(begin: float, count: int, gap: float = 0.1) -> RequestTrace:
    rng = np.random.default_rng(int(begin) % 1000)
    wall = rng.exponential(0.05, count).astype(np.float32).astype(np.float64)
    whole = np.arange(count, dtype=np.int64)
    return RequestTrace(
        begin + gap * np.arange(count), np.full(count, np.nan), wall, wall / 2, wall / 9,
        np.full(count, 200), whole % 2 * (1 << 62), whole % 3, 1000 + whole % 4,
    )  # fmt: skip


def recorder_of(path: Path, **limits: float) -> RequestRecorder:
    recorder = open_recorder(path, limits.get("megabytes", 10.0))
    assert recorder is not None
    return recorder


def same(one: RequestTrace, other: RequestTrace) -> None:
    for name in RequestTrace.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@given(st.integers(1, 200), st.floats(0, 1e6), st.floats(1e-6, 100))
def test_requests_survive_bit_for_bit(count: int, begin: float, gap: float) -> None:
    """NaN waits and numbers of 63 bits included."""
    same(unpacked(packed(trace(begin, count, gap))), trace(begin, count, gap))


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    """Requests by the stretch they arrived in, settings from the moment they changed."""
    recorder = recorder_of(tmp_path / "requests.db")
    pool = Pool("sync", 2, cores=2.0, spawned={11: T0}, worker_memory_bytes=1e8)
    for turn in range(60):
        now = T0 + 5 * turn
        workers = 2 if turn < 30 else 4
        seen = SeenSettings(now, 2, (replace(KNOB, value=workers),), replace(pool, workers=workers))
        recorder.record({"p": trace(now, 50), "q": RequestTrace.empty()}, {"p": seen}, now)
    recorder.close()
    past = open_recorded_past(tmp_path / "requests.db")
    found = past.requests("p", T0 + 50, T0 + 100)
    assert len(found) == 500
    same(found.between(T0 + 50, T0 + 55), trace(T0 + 50, 50))
    assert not len(past.requests("q", 0, 1e12))
    settings = past.settings("p")
    assert [(s.at, s.knobs[0].value) for s in settings] == [(T0, 2), (T0 + 150, 4)]
    assert settings[0].pool is not None
    assert settings[0].pool.spawned == {11: T0}
    assert past.settings("nobody") == []
    past.close()


def test_a_row_is_found_however_long_before_the_stretch_it_begins(tmp_path: Path) -> None:
    """One row of three hours among those of a minute: whoever has read before finds the one that is written then, too."""
    past = None
    for number, begin in enumerate((T0, T0 + 20_000.0)):
        recorder = recorder_of(tmp_path / "requests.db")
        recorder.record({"p": trace(begin, 109, 100.0)}, {}, begin + 10_900.0)
        recorder.record({"p": trace(begin + 11_000.0, 50)}, {}, begin + 11_100.0)
        recorder.close()
        past = past or open_recorded_past(tmp_path / "requests.db")
        assert len(past.requests("p", begin + 10_500.0, begin + 11_100.0)) == 4 + 50, number
        assert len(past.requests("p", begin + 11_001.0, begin + 11_002.0)) == 10, number
    assert past is not None
    past.close()


def test_no_more_is_kept_than_was_allowed(tmp_path: Path) -> None:
    """The oldest requests go first, the newest stay; what is older than its time goes, too."""
    recorder = RequestRecorder(tmp_path / "requests.db", cap_bytes=400_000, keep_seconds=40_000.0)
    (tmp_path / "requests.db").touch()
    for turn in range(100):
        now = T0 + 1000.0 * turn
        recorder.record({"p": trace(now, 400)}, {}, now)
    recorder.close()
    past = open_recorded_past(tmp_path / "requests.db")
    assert not len(past.requests("p", T0, T0 + 50_000))
    assert len(past.requests("p", T0 + 99_000, T0 + 100_000)) == 400
    past.close()
    assert (tmp_path / "requests.db").stat().st_size < 1_500_000


def test_reading_leaves_no_trace(tmp_path: Path) -> None:
    """Neither the file nor its directory change, and a running recorder is not in the way."""
    path = tmp_path / "requests.db"
    recorder = recorder_of(path)
    recorder.record({"p": trace(T0, 50)}, {}, T0)
    recorder.flush(T0 + 60)
    before = (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    past = open_recorded_past(path)
    assert len(past.requests("p", T0, T0 + 60)) == 50
    assert before == (
        hashlib.sha256(path.read_bytes()).hexdigest(),
        path.stat().st_mtime_ns,
        sorted(tmp_path.iterdir()),
    )
    recorder.record({"p": trace(T0 + 60, 50)}, {}, T0 + 60)
    recorder.flush(T0 + 120)
    assert len(past.requests("p", T0, T0 + 120)) == 100
    past.close()
    recorder.close()


def test_a_loop_does_not_depend_on_its_recordings(tmp_path: Path) -> None:
    """A file that cannot be written is logged, and nothing is raised."""
    recorder = RequestRecorder(tmp_path / "missing" / "requests.db", 1_000_000)
    recorder.record({"p": trace(T0, 5)}, {"p": SeenSettings(T0, 2)}, T0)
    recorder.flush(T0 + 60)
    recorder.close()


def test_nothing_is_recorded_where_nothing_is_wanted(tmp_path: Path) -> None:
    """0 megabytes: no file, and an empty past."""
    assert open_recorder(tmp_path / "requests.db", 0) is None
    assert not (tmp_path / "requests.db").exists()
    assert not len(open_recorded_past(tmp_path / "requests.db").requests("p", 0, 1e12))


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    """The message says what to do."""
    (tmp_path / "requests.db").write_bytes(b"no database at all, but long enough to be looked at" * 10)
    with pytest.raises(ConfigError, match="cannot be read"):
        open_recorded_past(tmp_path / "requests.db")
