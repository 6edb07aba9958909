"""The control socket's protocol, against a real gunicorn and against servers that misbehave."""

import json
import os
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Refused, Unobservable
from plugin_optimizer.touchpoints.gunicorn.control import ControlSocket, NotItsSocket, Unreachable, find_control_socket
from plugin_optimizer.touchpoints.gunicorn.process import master_at, settled, workers_of
from plugin_optimizer.touchpoints.gunicorn.settings import GunicornSettings, settings_of
from plugin_optimizer.touchpoints.gunicorn.version import installed_version
from tests.gunicorn_service import GunicornService, start_gunicorn, wait_for


def framed(answer: object) -> bytes:
    content = json.dumps(answer).encode()
    return struct.pack(">I", len(content)) + content


@contextmanager
def answering(answer: bytes) -> Iterator[ControlSocket]:
    """A server of this very process that gives the same answer to everyone, and closes."""
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as server:
        path = f"{directory}/s"
        server.bind(path)
        server.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):  # who asked may be gone already
                    connection.recv(1000)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield ControlSocket(path, os.getpid())
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        framed({"id": 1, "status": "error", "error": "Unknown command: worker"}),
        framed({"id": 1, "status": "ok", "data": {"success": False, "error": "Worker 1 not found"}}),
        framed({"id": 1, "status": "ok"}),
        framed([1, 2]),
        framed(None),
        struct.pack(">I", 3) + b"\xff{{",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        struct.pack(">I", 1 << 30),
    ],
)
def test_every_shape_of_no_is_a_refusal(answer: bytes) -> None:
    """Both error shapes, answers of another form, and what is not this protocol at all."""
    with answering(answer) as control, pytest.raises(Refused):
        control.add_worker()


@pytest.mark.parametrize("answer", [b"", b"\x00\x00", struct.pack(">I", 100) + b"{}"])
def test_a_lost_answer_is_unknown_not_failed(answer: bytes) -> None:
    """The order may have been carried out: the caller has to look."""
    with answering(answer) as control:
        with pytest.raises(Unobservable) as caught:
            control.add_worker()
        assert not isinstance(caught.value, Unreachable)


def test_stats_without_counts_are_no_stats() -> None:
    """An answer that is well formed but says nothing of workers is refused."""
    with answering(framed({"status": "ok", "data": {"pid": 1}})) as control, pytest.raises(Refused):
        control.stats()


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    """Nothing was sent, so nothing can have happened."""
    with pytest.raises(Unreachable):
        ControlSocket(str(tmp_path / "none"), os.getpid()).add_worker()


def test_another_process_behind_the_path_gets_no_orders() -> None:
    """The kernel says who listens; it has to be the master."""
    with answering(framed({"status": "ok", "data": {}})) as control, pytest.raises(NotItsSocket):
        replace(control, master_pid=os.getppid()).add_worker()


def settings_for(service: GunicornService) -> GunicornSettings:
    master = master_at(service.master_pid)
    return settings_of(master.invocation.arguments, master.environment, master.directory)


@pytest.mark.live
def test_the_socket_is_found_by_what_the_master_listens_on(tmp_path: Path) -> None:
    """Where the command line cannot be read, the kernel's table of sockets leads to it."""
    with start_gunicorn(tmp_path, name="hidden") as service:
        master = master_at(service.master_pid)
        hidden = replace(settings_for(service), control_socket="")
        found = find_control_socket(master, hidden, (27, 0, 1))
        assert found is not None
        assert found.path == str(service.control_socket)
        stats = found.stats()
        assert (stats.target, stats.current, stats.reloads) == (1, 1, 0)


@pytest.mark.live
def test_older_versions_and_switched_off_sockets_are_not_asked(tmp_path: Path) -> None:
    """Below 25.1, with an unknown version, or where the setting says so, there is none."""
    with start_gunicorn(tmp_path, name="old") as service:
        master, settings = master_at(service.master_pid), settings_for(service)
        assert find_control_socket(master, settings, (25, 1)) is not None
        for version in (None, (20, 1, 0), (25, 0, 3)):
            assert find_control_socket(master, settings, version) is None
        assert find_control_socket(master, replace(settings, control_socket=None), (27,)) is None


@pytest.mark.live
def test_the_version_is_that_of_the_targets_own_environment(tmp_path: Path) -> None:
    """It is read beside the target's Python, not asked of ours; two in one place, or none, are unknown."""
    with start_gunicorn(tmp_path, name="versioned") as service:
        master = master_at(service.master_pid)
        installed = installed_version(master)
        assert installed is not None
        assert installed >= (25, 1)
        first = tmp_path / "site-packages"
        (first / "gunicorn-20.1.0.dist-info").mkdir(parents=True)
        other = replace(master, environment={"PYTHONPATH": str(first)})
        assert installed_version(other) == (20, 1, 0)
        (first / "gunicorn-19.9.0-py3.7.egg-info").mkdir()
        assert installed_version(other) is None
        elsewhere = replace(
            master,
            environment={},
            identity=replace(master.identity, pid=os.getpid(), command=(f"{tmp_path}/bin/python", "x")),
        )
        (tmp_path / "lib/python3.11/site-packages/gunicorn-23.0.0.dist-info").mkdir(parents=True)
        assert installed_version(elsewhere) == (23, 0, 0)


@pytest.mark.live
def test_workers_are_the_settled_children(tmp_path: Path) -> None:
    """A child that is no gunicorn worker (a hook's program) is not counted."""
    hook = "import subprocess\ndef when_ready(server):\n    server.sleeper = subprocess.Popen(['sleep', '60'])\nworkers = 2\n"
    with start_gunicorn(tmp_path, config=hook, workers=2) as service:
        master = master_at(service.master_pid)
        assert len(service.worker_pids()) == 3
        wait_for(lambda: len(workers_of(master)) == 2)
        assert settled(workers_of(master)) == workers_of(master)
