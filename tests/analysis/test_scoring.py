"""The benchmark of the analysis scores as it says, by cases worked by hand; its peers look at the past alone."""

import gzip
import json
from math import exp
from pathlib import Path

import numpy as np
import pytest

from benchmarks.analysis.__main__ import main
from benchmarks.analysis.corpora import Labelled, read_cloud, read_nab
from benchmarks.analysis.fleets import rested, scores_of
from benchmarks.analysis.foretelling import average_precision
from benchmarks.analysis.peers import PEERS
from benchmarks.analysis.scoring import event_score, nab_score
from plugin_optimizer.models.anomaly import Pace, scan

STEP = 300.0
SPANS = ((500, 599),)


def series(spans: tuple[tuple[int, int], ...] = SPANS, rows: int = 1000) -> Labelled:
    return Labelled("x", STEP * np.arange(rows), np.zeros(rows), spans)


def sigma(y: float) -> float:
    return 2 / (1 + exp(5 * y)) - 1


@pytest.mark.parametrize(
    ("alerts", "standard", "low_fp", "low_fn"),
    [
        ([], 0.0, 0.0, 0.0),
        ([500], 100.0, 100.0, 100.0),
        ([500, 520, 599], 100.0, 100.0, 100.0),
        ([599], 100 * (sigma(-0.01) / sigma(-1) + 1) / 2, 100 * (sigma(-0.01) / sigma(-1) + 1) / 2, None),
        ([300, 500], 94.5, 89.0, 100 * (1 - 0.11 + 2) / 3),
        ([300], -5.5, -11.0, -100 * 0.11 / 3),
        ([500, 649], 100 * (2 + 0.11 * sigma(50 / 99)) / 2, 100 * (2 + 0.22 * sigma(50 / 99)) / 2, None),
        ([500, 999], 94.5, 89.0, None),
        ([100, 500], 100.0, 100.0, 100.0),
    ],
)
def test_nab_by_hand(alerts: list[int], standard: float, low_fp: float, low_fn: float | None) -> None:
    """The first row of a window is worth 1, its last next to nothing; false alarms cost .11, just after a window less; the unscored rows nothing."""
    found = nab_score([series()], [np.array(alerts, dtype=np.int64)])
    assert found.standard == pytest.approx(standard)
    assert found.low_fp == pytest.approx(low_fp)
    if low_fn is not None:
        assert found.low_fn == pytest.approx(low_fn)


def test_events_by_hand() -> None:
    """Of two events one is found 8 rows late; alerts 10 rows apart are one; one outside is false: F1 = 2/(2 + 1 + 1)."""
    one = series(((500, 503), (800, 801)))
    found = event_score([one], [np.array([511, 514, 700, 709], dtype=np.int64)])
    assert (found.found, found.events, found.false_alerts) == (1, 2, 1)
    assert found.f1 == pytest.approx(2 / 4)
    late = event_score([one], [np.array([514], dtype=np.int64)])
    assert (late.found, late.false_alerts) == (0, 1)


def test_peers_get_the_rest_of_the_product() -> None:
    """What the table gives to peers is what the product does with its own scores."""
    rng = np.random.default_rng(1)
    values = rng.exponential(1.0, (1, 1500)) ** 2
    found = scan(STEP * np.arange(1500), values, Pace.of(STEP))
    told = rested(found.scores.max(axis=0)[0], STEP)
    assert told.tolist() == np.flatnonzero(found.alerts[0]).tolist()
    assert len(told)


@pytest.mark.parametrize("name", [name for name in PEERS if name != "blind clock"])
def test_peers_see_the_past_alone(name: str) -> None:
    """Another second half changes nothing in the first."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=900)
    edited = values.copy()
    edited[450:] *= 100
    times = STEP * np.arange(900)
    one, other = (PEERS[name](Labelled("x", times, v, ())) for v in (values, edited))
    assert np.array_equal(one[:450], other[:450])


def test_series_of_a_fleet_are_scored_as_alone() -> None:
    """Padding and company change nothing."""
    rng = np.random.default_rng(3)
    fleet = [Labelled(str(n), STEP * np.arange(n), rng.normal(size=n), ()) for n in (400, 500, 900)]
    together = scores_of(fleet)
    for one, found in zip(fleet, together, strict=True):
        assert np.array_equal(found, scores_of([one])[0])


def test_average_precision_by_hand() -> None:
    """True at ranks 1 and 3: (1 + 2/3)/2."""
    truth = np.array([True, False, True, False])
    assert average_precision(truth, np.array([4.0, 3.0, 2.0, 1.0])) == pytest.approx((1 + 2 / 3) / 2)


def test_the_table_is_printed_from_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both layouts are read, unreadable rows left out, and each row of the table is there."""
    rng = np.random.default_rng(4)
    values = rng.normal(10, 1, 800)
    values[600:610] += 30
    lines = [f"2024-01-{1 + i // 288:02d} {i // 12 % 24:02d}:{i % 12 * 5:02d}:00,{v:.3f}" for i, v in enumerate(values)]
    nab, cloud = tmp_path / "nab" / "real", tmp_path / "cloud" / "group"
    for folder in (nab, cloud):
        folder.mkdir(parents=True)
    with gzip.open(nab / "a.csv.gz", "wt") as file:
        file.write("timestamp,value\n" + "\n".join(lines) + "\n")
    window = [[f"{lines[590].split(',')[0]}.000000", f"{lines[640].split(',')[0]}.000000"]]
    (tmp_path / "nab" / "windows.json").write_text(json.dumps({"real/a.csv": window}))
    labelled = [f"{line},{int(600 <= i < 610)}" for i, line in enumerate(lines)]
    with gzip.open(cloud / "b.csv.gz", "wt") as file:
        file.write("TimeStamp,Value,Label\n" + "\n".join([*labelled, "never,1,0"]) + "\n")
    assert [s.spans for s in read_nab(tmp_path / "nab")] == [((590, 640),)]
    assert [(s.spans, len(s.values)) for s in read_cloud(tmp_path / "cloud")] == [(((600, 609),), 800)]
    main(["--nab", str(tmp_path / "nab"), "--cloud", str(tmp_path / "cloud"), "--parts", "detection", "--no-trees"])
    printed = capsys.readouterr().out
    for name in ("any class", "level", "deviation", "shift", "variance", "blind clock", "min/max record", "EWMA-z"):
        assert f"| {name}" in printed
