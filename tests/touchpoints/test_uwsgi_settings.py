"""What a uWSGI was told: its command line and its ini file, read as it reads them; one number rewritten and nothing else."""

import pytest

from plugin_optimizer.domain import Refused
from plugin_optimizer.touchpoints.uwsgi.ini import read_ini, with_number
from plugin_optimizer.touchpoints.uwsgi.options import command_line
from plugin_optimizer.touchpoints.uwsgi.process import invocation_of

INI = b"""\
; the shop
[uwsgi]
master = true
vacuum
workers = 4   ; as many as the host bears
module=shop:app
stats = 127.0.0.1:%(port)

[other]
processes = 9
"""


def test_of_an_ini_file_its_own_section_counts() -> None:
    """Two names of one option are one, a key alone is true, a comment after a value is none of it."""
    found = read_ini(INI)
    assert found.told["processes"] == ("4",)
    assert found.told["vacuum"] == ("true",)
    assert found.told["module"] == ("shop:app",)
    assert not found.dynamic
    assert read_ini(INI, "other").told == {"processes": ("9",)}


def test_one_number_is_rewritten_and_every_other_byte_stays() -> None:
    """Also the name under which it stands there, and the comment behind it."""
    assert with_number(INI, "uwsgi", "processes", 12) == INI.replace(b"workers = 4 ", b"workers = 12 ")


def test_what_is_not_set_is_added_at_the_end_of_its_section() -> None:
    """With the line ends of the file, and where its last line has none."""
    added = with_number(INI, "uwsgi", "harakiri", 30)
    assert added == INI.replace(b"%(port)\n", b"%(port)\nharakiri = 30\n")
    assert with_number(b"[uwsgi]\r\nmaster = 1", "uwsgi", "threads", 2) == b"[uwsgi]\r\nmaster = 1\nthreads = 2\n"
    assert with_number(b"[uwsgi]\r\nmaster = 1\r\n", "uwsgi", "threads", 2).endswith(b"1\r\nthreads = 2\r\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[uwsgi]\nprocesses = %(n)\n", "computes"),
        (b"[uwsgi]\nprocesses = $(WORKERS)\n", "computes"),
        (b"[uwsgi]\nprocesses = 2\nworkers = 3\n", "2 times"),
        (b"[uwsgi]\nprocesses = 2\n[uwsgi]\nmaster = 1\n", "2 sections"),
        (b"[other]\nprocesses = 2\n", "0 sections"),
        (b"[uwsgi]\nini = base.ini\n", "something else decide"),
        (b"[uwsgi]\nif-env = WORKERS\nprocesses = 3\nendif =\n", "something else decide"),
    ],
)
def test_what_something_else_decides_is_left_alone(content: bytes, reason: str) -> None:
    """A placeholder, a second line, another file, a condition."""
    with pytest.raises(Refused, match=reason):
        with_number(content, "uwsgi", "processes", 4)


def test_a_command_line_is_read_with_its_short_and_its_joined_options() -> None:
    """Values in the next word, in the same word, behind an equals sign; the last ini file named is not guessed at."""
    found = command_line(["--master", "-p", "4", "-s/run/shop.sock", "--harakiri=30", "--wsgi", "shop:app", "-T"])
    assert found.told["processes"] == ("4",)
    assert found.told["socket"] == ("/run/shop.sock",)
    assert found.told["harakiri"] == ("30",)
    assert found.told["module"] == ("shop:app",)
    assert found.told["enable-threads"] == ("true",)
    assert found.config == ""
    assert command_line(["shop.ini:prod", "--master"]).config == "shop.ini:prod"
    assert command_line(["--ini", "shop.ini"]).config == "shop.ini"
    assert command_line(["--ini", "a.ini", "--ini", "b.ini"]).unclear
    assert command_line(["--yaml", "shop.yml"]).unclear
    assert command_line(["--no-such-option", "value.ini"]).unclear


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (["/usr/bin/uwsgi", "--ini", "shop.ini"], ("--ini", "shop.ini")),
        (["uwsgi-core", "shop.ini"], ("shop.ini",)),
        (["/srv/.venv/bin/python", "/srv/.venv/bin/pyuwsgi", "shop.ini"], ("shop.ini",)),
        (["vim", "uwsgi"], None),
        (["uwsgitop", "127.0.0.1:1717"], None),
        (["python3", "uwsgi.py"], None),
        ([], None),
    ],
)
def test_a_uwsgi_is_known_by_its_command(command: list[str], arguments: tuple[str, ...] | None) -> None:
    """And nothing else is taken for one."""
    invocation = invocation_of(command)
    assert (invocation.arguments if invocation else None) == arguments


def test_a_process_title_tells_its_part() -> None:
    """With auto-procname the command line is gone."""
    found = invocation_of(["uWSGI worker 2"])
    assert found is not None
    assert (found.role, found.arguments) == ("worker", None)
