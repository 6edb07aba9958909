"""The seed's snippet in an empty application under real servers."""

import os
import signal
import sys
from pathlib import Path

import pytest
from gunicorn_service import wait_for
from seed.served import Served, served

pytestmark = pytest.mark.live
# An empty application with flask-login, and the seed's snippet as it stands there.
HOST = """
import logging
from flask import Flask
from flask_login import LoginManager

logger = logging.getLogger(__name__)
app = Flask(__name__)
app.secret_key = "host"
LoginManager(app).user_loader(lambda name: None)

try:
    from api.plugin_optimization_api import plugin_optimization_bp
    app.register_blueprint(plugin_optimization_bp, name='plugin_optimization_api')
except Exception as e:
    logger.error(f"플러그인 성능 최적화 API 블루프린트 등록 실패: {e}")
"""


def gunicorn(*options: str, app: str = "host:app") -> list[str]:
    address = ("--bind", "127.0.0.1:{port}", "--no-control-socket")
    return [sys.executable, "-m", "gunicorn", *address, *options, app]


def one_runner(server: Served) -> bool:
    return len(server.runners()) == 1


@pytest.mark.parametrize(
    "options",
    [("--workers", "2"), ("--workers", "2", "--preload"), ("--workers", "2", "--threads", "4")],
    ids=["workers", "preload", "threads"],
)
def test_the_analysis_runs_exactly_once(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Two workers, preloaded or not: one process of the server holds the runner's lock, and the loop turns."""
    (tmp_path / "host.py").write_text(HOST)
    with served(tmp_path, gunicorn(*options)) as server:
        wait_for(lambda: one_runner(server), 60, "a runner")
        assert set(server.runners()) <= server.family()
        wait_for(lambda: server.ask("/health")[1]["status"] == "ok", 60, "the loop to turn")
        assert server.ask("/suggestions")[0] == 401
        assert server.runners() == server.runners()


def test_another_worker_takes_over(tmp_path: Path) -> None:
    """When the worker that runs the analysis dies, another one goes on, still exactly one."""
    (tmp_path / "host.py").write_text(HOST)
    with served(tmp_path, gunicorn("--workers", "2")) as server:
        wait_for(lambda: one_runner(server), 60, "a runner")
        (first,) = server.runners()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: one_runner(server) and server.runners() != [first], 60, "another runner")
        wait_for(lambda: first not in server.family(), 60, "the end of the first one")


def test_the_seeds_application_serves(tmp_path: Path) -> None:
    """`gunicorn "app:create_app()"` in the repository: API, login, dashboard address."""
    with served(tmp_path, gunicorn("--workers", "1", app="app:create_app()")) as server:
        assert server.ask("/session")[1]["login_required"] is True
        assert server.ask("/suggestions")[0] == 401
        wait_for(lambda: one_runner(server), 60, "a runner")
