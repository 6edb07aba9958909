"""The settings a gunicorn runs with, compared with gunicorn itself where it can be asked."""

from pathlib import Path

import gunicorn.config
import pytest

from plugin_optimizer.touchpoints.gunicorn import options as gunicorn_options
from plugin_optimizer.touchpoints.gunicorn.options import parse_options
from plugin_optimizer.touchpoints.gunicorn.process import invocation_of
from plugin_optimizer.touchpoints.gunicorn.settings import GunicornSettings, Origin, settings_of


def options_of_gunicorn(*actions: str | None) -> set[str]:
    known = [setting for setting in gunicorn.config.KNOWN_SETTINGS if setting.cli]
    return {option for setting in known if setting.action in actions for option in setting.cli}


def options_of(*tables: str) -> set[str]:
    return {word for table in tables for word in table.split() if word.startswith("-")}


def test_the_table_of_options_is_that_of_gunicorn() -> None:
    """Every option of the installed gunicorn is known, and whether a value follows it."""
    ours = options_of(gunicorn_options.OPTIONS_WITH_VALUE, gunicorn_options.OTHER_OPTIONS_WITH_VALUE)
    assert options_of_gunicorn(None, "store", "append") == {*ours, gunicorn_options.OPTIONAL_VALUE}
    flags = options_of(gunicorn_options.FLAGS, gunicorn_options.OTHER_FLAGS)
    assert options_of_gunicorn("store_true", "store_const") == flags


@pytest.mark.parametrize(
    "words",
    [
        "-w4 shop:app",
        "--workers=4 shop:app",
        "shop:app -w 4 --access-logfile -",
        "--env A=1 -e B=2 --workers 4 shop:app",
        "--preload --worker-cl gthread -w 4 shop:app",
        "--log-file - -b :1 -b :2 --reuse-port -w 4 --no-sendfile -D shop:app",
    ],
)
def test_a_command_line_is_read_as_gunicorn_reads_it(words: str) -> None:
    """Its own parser and ours find the same workers, binds, class and application."""
    theirs = gunicorn.config.Config().parser().parse_args(words.split())
    ours = parse_options(words.split())
    assert ours["workers"] == str(theirs.workers) == "4"
    assert ours["wsgi_app"] == theirs.args[0] == "shop:app"
    assert ours.get("bind") == theirs.bind
    assert ours.get("worker_class") == theirs.worker_class
    assert bool(ours.get("reuse_port")) == bool(theirs.reuse_port)


def test_options_of_a_later_gunicorn_are_passed_over() -> None:
    """An unknown flag hides nothing else."""
    assert parse_options(["--new-thing", "-w", "4", "shop:app"]) == {"workers": "4", "wsgi_app": "shop:app"}


def read(command: str, directory: Path, **environment: str) -> GunicornSettings:
    return settings_of(command.split(), environment, directory)


def test_the_stronger_source_wins(tmp_path: Path) -> None:
    """Default, WEB_CONCURRENCY, file, GUNICORN_CMD_ARGS, command line: each wins over those before it."""
    none = read("shop:app", tmp_path)
    assert (none.workers, none.workers_origin, none.config_path) == (1, Origin.DEFAULT, None)
    assert read("shop:app", tmp_path, WEB_CONCURRENCY="2").workers == 2
    (tmp_path / "gunicorn.conf.py").write_text("workers = 3\nbind = 'unix:/x, 127.0.0.1:81'\nthreads = 2\n")
    by_file = read("shop:app", tmp_path, WEB_CONCURRENCY="2")
    assert (by_file.workers, by_file.workers_origin) == (3, Origin.FILE)
    assert (by_file.binds, by_file.port, by_file.kind) == (("unix:/x", "127.0.0.1:81"), 81, "gthread")
    by_environment = read("shop:app", tmp_path, GUNICORN_CMD_ARGS="--workers 4")
    assert (by_environment.workers, by_environment.workers_origin) == (4, Origin.ENVIRONMENT)
    by_command = read("-w 5 shop:app", tmp_path, GUNICORN_CMD_ARGS="--workers 4")
    assert (by_command.workers, by_command.workers_origin) == (5, Origin.COMMAND)


def test_what_is_not_said_is_gunicorns_default(tmp_path: Path) -> None:
    """Name, bind, class, timeout and control socket fall back to gunicorn's own defaults."""
    settings = read("shop.wsgi:make()", tmp_path)
    assert (settings.name, settings.app, settings.binds) == (settings.app, "shop.wsgi:make()", ("127.0.0.1:8000",))
    assert (settings.kind, settings.timeout_seconds, settings.control_socket) == ("sync", 30.0, "")
    assert read("shop:app", tmp_path, PORT="5050").binds == ("0.0.0.0:5050",)
    assert read("--no-control-socket shop:app", tmp_path).control_socket is None


def test_a_config_is_looked_for_where_gunicorn_was_started(tmp_path: Path) -> None:
    """With --chdir the working directory is another one; `python:` configs are no files."""
    elsewhere = read("-c conf.py --chdir /srv shop:app", Path("/srv"), PWD=str(tmp_path))
    assert elsewhere.config_path == tmp_path / "conf.py"
    assert read("-c python:shop.conf shop:app", tmp_path).config_path is None
    assert read("-c file:conf.py shop:app", tmp_path).config_path == tmp_path / "conf.py"


def test_a_process_title_hides_where_the_number_comes_from(tmp_path: Path) -> None:
    """Then a number in a file might not count, so its origin is unknown."""
    settings = settings_of(None, {}, tmp_path, "shop")
    assert (settings.name, settings.workers_origin, settings.workers) == ("shop", Origin.UNKNOWN, None)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (["/v/bin/python", "/v/bin/gunicorn", "-w", "2", "a:b"], ("-w", "2", "a:b")),
        (["python3.11", "-m", "gunicorn", "a:b"], ("a:b",)),
        (["python", "-X", "dev", "-W", "error", "-u", "-m", "gunicorn.app.wsgiapp", "a:b"], ("a:b",)),
        (["/v/bin/python", "/v/lib/python3.11/site-packages/gunicorn/__main__.py", "a:b"], ("a:b",)),
    ],
)
def test_gunicorn_is_recognised_however_it_is_called(command: list[str], arguments: tuple[str, ...]) -> None:
    """As a script, as a module, with options for Python, executed again."""
    invocation = invocation_of(command)
    assert invocation is not None
    assert invocation.arguments == arguments


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["/bin/sh", "-c", "gunicorn a:b"],
        ["python", "-m", "pytest", "gunicorn"],
        ["python", "-c", "import gunicorn"],
        ["vi", "gunicorn"],
        ["python", "tail.py", "gunicorn"],
        ["python", "-m"],
    ],
)
def test_other_programs_are_not_taken_for_gunicorn(command: list[str]) -> None:
    """A word on a command line does not make a process a gunicorn."""
    assert invocation_of(command) is None


def test_a_process_title_tells_role_and_name() -> None:
    """gunicorn with setproctitle shows `gunicorn: master [name]` in place of its command line."""
    master, worker = invocation_of(["gunicorn: master [my shop]"]), invocation_of(["gunicorn: worker [my shop]"])
    assert master is not None
    assert worker is not None
    assert (master.role, master.title, master.arguments) == ("master", "my shop", None)
    assert (worker.role, worker.title) == ("worker", "my shop")
