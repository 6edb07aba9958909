"""What a reload is offered for, and why not, from values alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Knob
from plugin_optimizer.touchpoints.gunicorn.reload_knobs import Seen, offers
from plugin_optimizer.touchpoints.gunicorn.running import Running
from plugin_optimizer.touchpoints.gunicorn.settings import settings_of

ONE, TWO = (1, 10), (2, 20)
BOTH = frozenset({ONE, TWO})
LATER = 1e12  # a birth after everything on disk


def seen(directory: Path, config: str, numbers: dict[str, int], command: str = "shop:app") -> Seen:
    """Return what is seen of two workers that both report the same numbers."""
    (directory / "gunicorn.conf.py").write_text(config)
    settings = settings_of(command.split(), {}, directory)
    return Seen(settings, (27, 0, 1), Running(BOTH, {}, {ONE: numbers, TWO: numbers}), LATER)


def knob(found: Knob | str) -> Knob:
    assert isinstance(found, Knob), found
    return found


THREADED = "worker_class = 'gthread'\nthreads = 4\n"
RUNS = {"threads": 4, "timeout": 30, "keepalive": 2}


def test_what_runs_decides_and_not_what_is_written(tmp_path: Path) -> None:
    """A file younger than a worker waits for its reload: the value is the one in force."""
    waiting = replace(seen(tmp_path, THREADED.replace("4", "9"), RUNS), oldest_seconds=0.0)
    assert knob(offers(waiting)["threads"]).value == 4
    overruled = seen(tmp_path, THREADED.replace("4", "9"), RUNS)
    assert "although 9 is configured" in str(offers(overruled)["threads"])


def test_a_value_counts_when_all_workers_run_with_it(tmp_path: Path) -> None:
    """While they differ it is not the configured one; one that does not report leaves it open."""
    both = seen(tmp_path, THREADED, RUNS)
    mixed = replace(both.running, reported={ONE: RUNS, TWO: {**RUNS, "threads": 2}})
    assert mixed.number("threads", 4) == 2
    assert mixed.number("threads", 2) == 4
    assert replace(both.running, reported={ONE: RUNS}).number("threads", 4) is None
    assert Running(BOTH, {"threads": 4}, {}).number("threads", 4) == 4
    assert Running(BOTH, {}, {}).number("threads", 4) is None


@pytest.mark.parametrize(
    ("config", "numbers", "offered"),
    [
        (THREADED, RUNS, {"threads", "timeout", "keepalive"}),
        ("threads = 4\n", RUNS, {"threads", "timeout", "keepalive"}),
        ("", {**RUNS, "threads": 1}, {"timeout"}),
        ("worker_class = 'gevent'\n", {**RUNS, "threads": 1}, {"timeout", "keepalive"}),
        ("worker_class = 'gthread'\nthreads = 4\ntimeout = 0\n", {**RUNS, "timeout": 0}, {"threads", "keepalive"}),
        ("worker_class = 'gthread'\nthreads = 2 + 2\n", RUNS, {"timeout", "keepalive"}),
        (THREADED, {}, set()),
    ],
)
def test_each_class_of_worker_honours_its_own(
    tmp_path: Path, config: str, numbers: dict[str, int], offered: set[str]
) -> None:
    """What the class does not honour, what is computed and what nobody reports is not offered."""
    found = offers(seen(tmp_path, config, numbers))
    assert {name for name, offer in found.items() if isinstance(offer, Knob)} == offered


@pytest.mark.parametrize(
    ("config", "version", "command", "offered"),
    [
        (THREADED, (27, 0), "shop:app", True),
        (THREADED, (26, 1), "--no-control-socket shop:app", False),
        ("workers = 1\n", (26, 1), "shop:app", False),
        ("workers = 1\n", (26, 1), "--no-control-socket shop:app", True),
        ("workers = 1\n", (20, 1), "shop:app", True),
        ("workers = 1\n", (19, 9), "shop:app", False),
    ],
)
def test_versions_whose_reload_does_harm_are_left_alone(
    tmp_path: Path, config: str, version: tuple[int, ...], command: str, offered: bool
) -> None:
    """Before 27 kept connections are cut; from 25.1 on a control socket leaves a thread behind at each reload."""
    found = offers(replace(seen(tmp_path, config, RUNS, command), version=version))
    assert isinstance(found["timeout"], Knob) == offered
    unknown = offers(replace(seen(tmp_path, THREADED, RUNS), version=None))
    assert not any(isinstance(offer, Knob) for offer in unknown.values())


def test_a_timeout_is_never_below_the_graceful_one_nor_what_requests_need(tmp_path: Path) -> None:
    """Twice the slowest request is needed; with too few of them nothing is lowered. The present value stays in bounds."""
    few = seen(tmp_path, THREADED + "graceful_timeout = 20\n", RUNS)
    told = knob(offers(few)["timeout"])
    assert (told.minimum, told.needed) == (20, 30)
    many = replace(few, running=replace(few.running, served=5_000, slowest_seconds=11.0))
    assert knob(offers(many)["timeout"]).needed == 22
    short = seen(tmp_path, THREADED + "timeout = 9\n", {**RUNS, "timeout": 9})
    assert knob(offers(short)["timeout"]).minimum == 9


def test_threads_never_become_one(tmp_path: Path) -> None:
    """One thread is slower than a sync worker, or makes it one; not above the connections a worker takes."""
    threads = knob(offers(seen(tmp_path, THREADED + "worker_connections = 10\n", RUNS))["threads"])
    assert (threads.minimum, threads.maximum) == (2, 10)
