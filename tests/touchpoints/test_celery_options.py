"""The command line and the names of a Celery worker are read as Celery reads them."""

from collections.abc import Iterator

import click
import pytest

from plugin_optimizer.touchpoints.celery.options import (
    OPTIONS_WITH_VALUE,
    SHORT_OPTIONS,
    WorkerOptions,
    node_name,
    worker_options,
)
from plugin_optimizer.touchpoints.celery.process import invocation_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-A shop worker", WorkerOptions(app="shop")),
        ("--app=shop.celery:app -b redis://h/1 worker -n mail@%h -Q mail,slow -E", None),
        ("worker -A shop -Pthreads", WorkerOptions(app="shop", pool="threads")),  # the way of Celery 4
        ("-A shop worker --autoscale=8,2 -B", WorkerOptions(app="shop", autoscale=(8, 2), beat=True)),
        ("-A shop worker --autoscale 8", WorkerOptions(app="shop", autoscale=(8, 0))),
        ("-A shop worker --max-tasks-per-child=100 -c4", WorkerOptions(app="shop", recycles=True)),
    ],
)
def test_options_are_read_in_every_spelling(text: str, expected: WorkerOptions | None) -> None:
    """Long and short, with `=`, with a blank, and run together."""
    found = worker_options(text.split())
    if expected is None:
        expected = WorkerOptions(
            app="shop.celery:app", broker="redis://h/1", node="mail@%h", queues=("mail", "slow"), events=True
        )
    assert found == expected


@pytest.mark.parametrize("text", ["-A shop beat", "-A shop inspect active", "-A worker flower", ""])
def test_other_commands_of_celery_are_no_workers(text: str) -> None:
    """Only `celery worker` has a pool."""
    assert worker_options(text.split()) is None


def test_every_option_of_the_installed_celery_is_known() -> None:
    """An option whose value were taken for a command would hide a worker."""
    from celery.bin.celery import celery
    from celery.bin.worker import worker

    known, short = set(OPTIONS_WITH_VALUE.split()), SHORT_OPTIONS.split()
    short_ones = dict(zip(short[::2], short[1::2], strict=True))
    for option in _options(celery, worker):
        valued = not option.is_flag and not option.count
        long_names = [name for name in option.opts if name.startswith("--")]
        for name in long_names if valued else ():
            assert name in known, name
        for name in option.opts:
            if name.startswith("-") and not name.startswith("--") and valued:
                assert short_ones.get(name) in long_names, name


def _options(*commands: click.Command) -> Iterator[click.Option]:
    for command in commands:
        yield from (option for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize(
    ("given", "host", "expected"),
    [
        ("", "box.lan", "celery@box.lan"),
        ("mail@%h", "box.lan", "mail@box.lan"),
        ("mail@%n.%d", "box.lan", "mail@box.lan"),
        ("mail@%n", "box.lan", "mail@box"),
        ("box2", "box.lan", "celery@box2"),
    ],
)
def test_a_node_has_the_name_that_celery_gives_it(given: str, host: str, expected: str) -> None:
    """Orders go to that name and no other."""
    assert node_name(given, host) == expected


def test_a_node_name_is_what_the_installed_celery_makes_of_it() -> None:
    """The table above is Celery's own rule."""
    from celery.utils.nodenames import default_nodename, host_format

    for given in ("mail@%h", "mail@%n", "mail@here", "there"):
        assert node_name(given) == host_format(default_nodename(given)), given


def test_a_process_title_tells_main_process_and_pool_processes_apart() -> None:
    """With setproctitle the command line is gone, and the title says more."""
    main = invocation_of(("[celeryd: mail@box:MainProcess] -active- (-A shop worker -c 2)",))
    pool = invocation_of(("[celeryd: mail@box:ForkPoolWorker-1]",))
    assert main is not None
    assert (main.node, main.role, main.options.app) == ("mail@box", "MainProcess", "shop")
    assert pool is not None
    assert pool.role == "ForkPoolWorker-1"


@pytest.mark.parametrize(
    "command",
    [
        ("/usr/bin/python3", "/usr/bin/celery", "-A", "shop", "worker"),
        ("python3.11", "-m", "celery", "-A", "shop", "worker"),
        ("python", "-W", "error", "/lib/celery/__main__.py", "-A", "shop", "worker"),
    ],
)
def test_a_worker_is_known_by_its_command(command: tuple[str, ...]) -> None:
    """As a script, as a module, as celery multi starts it."""
    found = invocation_of(command)
    assert found is not None
    assert found.options.app == "shop"


@pytest.mark.parametrize("command", [("vim", "celery", "worker"), ("python3", "-m", "gunicorn", "worker"), ()])
def test_other_programs_are_no_workers(command: tuple[str, ...]) -> None:
    """Nothing is concluded from a word in a command line."""
    assert invocation_of(command) is None
