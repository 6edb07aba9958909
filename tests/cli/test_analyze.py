"""`plugin-optimizer analyze`: anybody's numbers in, a report and a picture out."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from plugin_optimizer.cli.main import main

STEP, ROWS, JUMP = 300, 1500, 1300


def written(path: Path, rows: int = ROWS) -> Path:
    """Two series at five minutes; both jump in the same row."""
    rng = np.random.default_rng(1)
    load, wait = 100 + 3 * rng.normal(size=rows), 0.2 + 0.01 * rng.normal(size=rows)
    load[JUMP : JUMP + 6] += 90
    wait[JUMP : JUMP + 6] += 0.5
    lines = ["timestamp,load,wait"]
    for row in range(rows):
        at = np.datetime64("2026-03-02T00:00:00") + np.timedelta64(row * STEP, "s")
        lines.append(f"{at},{load[row]:.3f},{'' if row == 40 else f'{wait[row]:.4f}'}")
    lines.insert(60, lines[59])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("lang", "said"), [("en", "ever seen before"), ("ko", "한 번도 없던")])
def test_a_report_says_what_and_since_when(tmp_path: Path, lang: str, said: str) -> None:
    """The jump of both columns, its time, what moved together, where they will be; in both languages."""
    file = written(tmp_path / "numbers.csv")
    result = CliRunner().invoke(main, ["analyze", str(file), "--lang", lang])
    assert result.exit_code == 0, result.output
    jumps = [line for line in result.output.splitlines() if line.startswith("2026-03-06T12:20")]
    assert len(jumps) == 2
    assert all(said in line for line in jumps)
    assert any("wait" in line and "load" in line for line in jumps)
    assert "80 %" in result.output


def test_the_picture_is_an_svg_with_the_onset_in_it(tmp_path: Path) -> None:
    """Well-formed, with a band, a line and a mark for each episode."""
    file = written(tmp_path / "numbers.csv")
    result = CliRunner().invoke(main, ["analyze", str(file), "--picture", str(tmp_path / "out.svg"), "--json"])
    told = json.loads(result.output)
    assert [e["series"] for e in told["episodes"] if e["first"] == JUMP + 1] == ["load", "wait"]
    drawing = ElementTree.parse(tmp_path / "out.svg").getroot()
    names = [element.tag.rpartition("}")[2] for element in drawing.iter()]
    assert names.count("polygon") == 2
    assert names.count("circle") == len(told["episodes"])


def test_a_short_file_is_told_what_is_missing(tmp_path: Path) -> None:
    """Fifty rows: still learning, and it says until when; no picture where none is wanted."""
    file = tmp_path / "short.csv"
    file.write_text("time,x\n" + "\n".join(f"{1_700_000_000 + 60 * i},{i % 7}" for i in range(50)), encoding="utf-8")
    result = CliRunner().invoke(main, ["analyze", str(file), "--no-picture", "--lang", "en"])
    assert result.exit_code == 0
    assert (
        "Still learning: sudden deviations are told from row 100 on, unprecedented levels from row 2,880"
        in result.output
    )
    assert list(tmp_path.glob("*.svg")) == []


@pytest.mark.parametrize("content", ["", "a,b\n", "a,b\nx,y\nx,y\nx,y\nx,y\n", "time\n1\n2\n3\n4\n"])
def test_what_is_no_series_is_refused_with_what_was_expected(tmp_path: Path, content: str) -> None:
    """Exit code 1 and one line, no traceback."""
    file = tmp_path / "bad.csv"
    file.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(main, ["analyze", str(file)])
    assert result.exit_code == 1
    assert "expected" in result.output
