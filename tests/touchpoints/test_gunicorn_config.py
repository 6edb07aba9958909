"""Reading and rewriting a config file that is a program."""

import ast
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Refused
from plugin_optimizer.touchpoints.gunicorn.config import read_settings, with_number

LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
HARMLESS = st.sampled_from(
    [
        "import os",
        "threads = 4",
        "# workers = 9",
        '"""workers = 8"""',
        "bind = '127.0.0.1:80'  # Bestellungen, 주문",
        "def post_fork(server, worker):\n    workers = 3\n    return workers",
        "sizes = [workers_ for workers_ in range(3)]",
        "text = 'workers = 7'; timeout = 30",
        "if threads_ := 2:\n    keepalive = 5",
        "\x0caccesslog = '-'",
        "",
        "class Settings:\n    workers = 5",
        "loglevel = (\n    'info'\n)",
    ]
)
ASSIGNMENTS = st.sampled_from(
    ["workers = {}", "workers={}", "workers: int = {}", "bind = '주문'; workers = {}  # 주문", "workers = (\n  {}\n)"]
)
COUNTS = st.integers(0, 10**6)


@st.composite
def files(draw: st.DrawFn, assignment: st.SearchStrategy[str]) -> tuple[str, str]:
    """Return what stands before the number and after it; both empty of other bindings of `workers`."""
    before = [line + "\n" for line in draw(st.lists(HARMLESS, max_size=5))]
    after = [line + "\n" for line in draw(st.lists(HARMLESS, max_size=5))]
    head, tail = draw(assignment).split("{}")
    end = draw(LINE_ENDS)
    mark = draw(st.sampled_from(["", "\ufeff"]))
    first, last = mark + "".join(before) + head, tail + draw(st.sampled_from(["", "\n"])) + "\n" + "".join(after)
    return first.replace("\n", end), last.replace("\n", end)


@given(files(ASSIGNMENTS), COUNTS, COUNTS)
def test_only_the_number_changes(file: tuple[str, str], old: int, new: int) -> None:
    """Whatever stands around the number, whatever the line ends, every other byte stays."""
    before, after = file
    content = f"{before}{old}{after}".encode()
    assert with_number(content, "workers", new) == f"{before}{new}{after}".encode()


@given(files(ASSIGNMENTS), COUNTS, COUNTS)
def test_rewriting_twice_is_rewriting_once_and_can_be_undone(file: tuple[str, str], old: int, new: int) -> None:
    """Writing the same number again changes nothing; writing the old one gives the old file back."""
    content = f"{file[0]}{old}{file[1]}".encode()
    changed = with_number(content, "workers", new)
    assert with_number(changed, "workers", new) == changed
    assert with_number(changed, "workers", old) == content


@given(st.lists(HARMLESS, max_size=6), st.booleans(), COUNTS)
def test_a_missing_setting_is_appended(lines: list[str], ends: bool, number: int) -> None:
    """What stood there stays as the beginning of the file, and the new line is what Python finds."""
    content = ("\n".join(lines) + ("\n" if ends else "")).encode()
    changed = with_number(content, "workers", number)
    assert changed.startswith(content)
    assert read_settings(changed).literals["workers"] == number
    assert ast.parse(changed)


@given(files(ASSIGNMENTS), COUNTS, COUNTS)
def test_python_runs_into_the_same_number(file: tuple[str, str], old: int, new: int) -> None:
    """The rewritten program, when it is run as gunicorn does, sets what was ordered."""
    names: dict[str, object] = {}
    content = with_number(f"{file[0]}{old}{file[1]}".encode(), "workers", new)
    exec(compile(content, "config", "exec"), names)
    assert names["workers"] == new


@pytest.mark.parametrize(
    "text",
    [
        "import os\nworkers = os.cpu_count() * 2 + 1",
        "workers = 2 * 3",
        "workers = True",
        "workers = 2.0",
        "workers = '3'",
        "workers = threads = 2",
        "workers, threads = 2, 4",
        "workers = 2\nworkers += 1",
        "workers = 2\nif True:\n    workers = 3",
        "workers = 2\nfor workers in (1, 2): pass",
        "workers = 2\ndef f():\n    global workers\n    workers = 5\nf()",
        "workers = 2\nfrom base import *",
        "workers = 2\nfrom base import workers",
        "workers = 2\nimport base as workers",
        "from base import *",
        "workers = 2\nglobals()['workers'] = 4",
        "import os\nfor k, v in os.environ.items():\n    locals()[k] = v",
        "workers = 2\nexec('workers = 3')",
        "workers = 2\ndel workers",
        "workers = 2\nwith open('x') as workers: pass",
        "workers = 2\n[(workers := n) for n in (1, 2)]",
        "workers = 2\ndef workers(): pass",
        "workers = 2\nmatch 3:\n    case workers: pass",
        "workers = ",
        "workers = 2\x00",
        "# -*- coding: latin-1 -*-\nworkers = 2",
    ],
)
def test_a_number_that_something_else_decides_is_not_rewritten(text: str) -> None:
    """Where a plain `workers = <number>` does not have the last word, nothing is written."""
    with pytest.raises(Refused):
        with_number(text.encode(), "workers", 5)


def test_the_last_word_counts() -> None:
    """Of several assignments the last is rewritten, also when what stood before was computed."""
    content = b"from base import *\nworkers = 1\nworkers = 2\n"
    assert with_number(content, "workers", 7) == b"from base import *\nworkers = 1\nworkers = 7\n"


def test_settings_are_read_without_running_the_file(tmp_path: Path) -> None:
    """Literals are read, the rest is known to be computed, and nothing of it happens."""
    path = tmp_path / "config.py"
    trace = tmp_path / "ran"
    path.write_text(
        f"__import__('pathlib').Path({str(trace)!r}).touch()\nbind = ['a:1', 'b:2']\nthreads = 2 + 2\ntimeout = 30\n"
    )
    settings = read_settings(path.read_bytes())
    assert settings.literals == {"bind": ["a:1", "b:2"], "timeout": 30}
    assert settings.is_computed("threads")
    assert not settings.is_computed("workers")
    assert not trace.exists()
    runpy.run_path(str(path))
    assert trace.exists()
