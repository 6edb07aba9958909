"""A command of one's own runs without a shell, within its time and room, and leaves nobody behind: with real programs."""

import json
import sys
from pathlib import Path

import psutil
import pytest

from plugin_optimizer.domain import Gone, Plugin, Refused, Unobservable
from plugin_optimizer.touchpoints.webhook import commands
from plugin_optimizer.touchpoints.webhook.touchpoint import ReceiverTouchpoint
from tests.gunicorn_service import wait_for

pytestmark = pytest.mark.live
REPORT = '{"version": 1, "knobs": [{"name": "size", "type": "integer", "value": 4, "minimum": 1, "maximum": 64}]}'
HEAD = f"#!{sys.executable}\nimport json, os, subprocess, sys, time\nquestion = json.load(sys.stdin)\n"


def programmed(folder: Path, body: str, **address: str) -> tuple[ReceiverTouchpoint, Plugin]:
    """Return the touchpoint of a command that does this with its `question`."""
    program = folder / "knob.py"
    program.write_text(HEAD + body)
    program.chmod(0o755)
    settings = {"command": json.dumps([str(program), "$HOME; touch x", "*"]), **address}
    plugin = Plugin("mailer", "command", settings)
    return commands((plugin,)), plugin


def test_its_arguments_reach_it_as_they_stand_and_our_environment_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No shell reads them; of our variables it is given those that are named, our secrets are not among them."""
    monkeypatch.setenv("OUR_SECRET", "hush")
    monkeypatch.setenv("MAILER_HOME", "/srv/mailer")
    seen = tmp_path / "seen.json"
    body = f"json.dump([sys.argv[1:], dict(os.environ), os.getcwd(), question], open({str(seen)!r}, 'w'))\n"
    touchpoint, plugin = programmed(
        tmp_path, f"{body}print({REPORT!r})", environment='["MAILER_HOME", "ABSENT"]', directory=str(tmp_path)
    )
    assert [knob.name for knob in touchpoint.knobs(plugin)] == ["size"]
    arguments, environment, directory, question = json.loads(seen.read_text())
    assert arguments == ["$HOME; touch x", "*"]
    assert set(environment) - {"LC_CTYPE"} == {"PATH", "LANG", "MAILER_HOME"}
    assert directory == str(tmp_path)
    assert question == {"operation": "read", "version": 1, "plugin": "mailer"}


@pytest.mark.parametrize("where", ["itself", "child"])
def test_one_that_hangs_is_killed_with_all_it_started(tmp_path: Path, where: str) -> None:
    """Within its time, also where a child of its own holds the pipes open."""
    pids = tmp_path / "pids"
    body = (
        "child = subprocess.Popen(['/bin/sleep', '600'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        + ("time.sleep(600)\n" if where == "itself" else f"print({REPORT!r})\n")
    )
    touchpoint, plugin = programmed(tmp_path, body, timeout_seconds="3")
    if where == "itself":
        with pytest.raises(Unobservable, match="did not end within 3 s and was killed"):
            touchpoint.knobs(plugin)
    else:
        assert len(touchpoint.knobs(plugin)) == 1
    for pid in map(int, pids.read_text().split()):
        wait_for(lambda pid=pid: _gone(pid), what=f"process {pid} to be gone")


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_one_that_talks_too_much_is_killed(tmp_path: Path) -> None:
    """More than 64 KiB is not read; of errors the beginning is kept, however many there are."""
    touchpoint, plugin = programmed(tmp_path, "while True: print('x' * 1000)\n")
    with pytest.raises(Unobservable, match="more than 65536 bytes and was killed"):
        touchpoint.knobs(plugin)
    touchpoint, plugin = programmed(tmp_path, f"sys.stderr.write('!' * 1_000_000)\nprint({REPORT!r})\n")
    assert len(touchpoint.knobs(plugin)) == 1


def test_one_that_does_not_read_is_heard_all_the_same(tmp_path: Path) -> None:
    """It may answer without having listened."""
    program = tmp_path / "deaf"
    program.write_text(f"#!/bin/sh\nexec 0<&-\necho '{REPORT}'\n")
    program.chmod(0o755)
    plugin = Plugin("mailer", "command", {"command": json.dumps([str(program)])})
    assert len(commands((plugin,)).knobs(plugin)) == 1


@pytest.mark.parametrize(
    ("body", "error", "told"),
    [
        ("print('stopped', file=sys.stderr); sys.exit(69)", Gone, "does not run: .*knob.py ended with 69: stopped"),
        ("print('no file', file=sys.stderr); sys.exit(1)", Unobservable, "ended with 1: no file"),
        ("sys.exit(77)", Unobservable, "ended with 77"),
        ("os.kill(os.getpid(), 9)", Unobservable, "was ended by signal 9"),
        ("print('{}')", Unobservable, "missing required field `version`"),
        ("pass", Unobservable, "no report"),
    ],
)
def test_how_it_ended_says_what_may_be_concluded(
    tmp_path: Path, body: str, error: type[Unobservable], told: str
) -> None:
    """69: it does not run; everything else but 0: nothing."""
    touchpoint, plugin = programmed(tmp_path, body)
    with pytest.raises(error, match=told) as raised:
        touchpoint.knobs(plugin)
    assert type(raised.value) is error


TURNS = """
file = {state!r}
size = json.load(open(file))
if question["operation"] == "read":
    print(json.dumps({{"version": 1, "knobs": [
        {{"name": "size", "type": "integer", "value": size, "minimum": 1, "maximum": 64}}]}}))
else:
    if {does}: json.dump(question["to"], open(file, "w"))
    print('{{"refused": "at night only"}}')
    sys.exit({code})
"""


@pytest.mark.parametrize(
    ("does", "code", "error"),
    [(True, 0, None), (True, 1, None), (True, 77, None), (False, 77, Refused), (False, 1, Unobservable)],
)
def test_how_an_order_ended_is_not_believed(
    tmp_path: Path, does: bool, code: int, error: type[Exception] | None
) -> None:
    """Done is what shows, whatever the exit code; declined is what also shows as not done."""
    state = tmp_path / "state.json"
    state.write_text("4")
    touchpoint, plugin = programmed(tmp_path, TURNS.format(state=str(state), does=does, code=code))
    if error is None:
        touchpoint.turn(plugin, "size", 8)
        assert touchpoint.knobs(plugin)[0].value == 8
    else:
        with pytest.raises(error):
            touchpoint.turn(plugin, "size", 8)
        assert json.loads(state.read_text()) == 4


def test_one_that_is_not_there_or_cannot_be_run_is_told(tmp_path: Path) -> None:
    """No such file: gone; one that may not be run: nothing is concluded."""
    plugin = Plugin("mailer", "command", {"command": json.dumps([str(tmp_path / "absent")])})
    with pytest.raises(Gone, match="there is no"):
        commands((plugin,)).knobs(plugin)
    (tmp_path / "absent").write_text("no program")
    with pytest.raises(Unobservable, match="cannot be run"):
        commands((plugin,)).knobs(plugin)


def test_a_hundred_questions_leave_nothing_open(tmp_path: Path) -> None:
    """Neither descriptors nor processes pile up."""
    program = tmp_path / "quick"
    program.write_text(f"#!/bin/sh\necho '{REPORT}'\n")
    program.chmod(0o755)
    plugin = Plugin("mailer", "command", {"command": json.dumps([str(program)])})
    touchpoint = commands((plugin,))
    touchpoint.knobs(plugin)
    before, others = len(list(Path("/proc/self/fd").iterdir())), set(psutil.Process().children())
    for _ in range(100):
        touchpoint.knobs(plugin)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before  # others of this process may have closed theirs
    assert set(psutil.Process().children()) <= others
