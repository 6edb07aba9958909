"""The seed's files, used as the seed shows."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_HOST_FILE_LINES = 30


@pytest.mark.parametrize(
    "path",
    ["app.py", "api/__init__.py", "api/plugin_optimization_api.py", "core/__init__.py", "core/backend/__init__.py",
     "core/backend/plugin_optimization_engine.py"],
)  # fmt: skip
def test_the_hosts_files_are_tiny(path: str) -> None:
    """They point into the package and decide nothing."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_HOST_FILE_LINES
    assert text.count(" if ") == 0


def run(code: str, tmp_path: Path) -> str:
    """Run Python in the repository with its state in a directory of its own."""
    config = tmp_path / "config.toml"
    config.write_text(
        f"[engine]\nstate_dir = '{tmp_path / 'state'}'\nhome = '{tmp_path / 'home'}'\ndiscover = false\n[statsd]\nenabled = false\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PLUGIN_OPTIMIZER_CONFIG": str(config), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_importing_starts_nothing(tmp_path: Path) -> None:
    """The import alone opens no store and starts no thread; registering does, and the analysis runs once."""
    out = run(
        """
import threading, time
from api.plugin_optimization_api import plugin_optimization_bp
print(len(threading.enumerate()))
from flask import Flask
app = Flask("empty")
app.register_blueprint(plugin_optimization_bp, name='plugin_optimization_api')
other = Flask("another")
other.register_blueprint(plugin_optimization_bp, name='plugin_optimization_api')
from plugin_optimizer.web.hosting import EXTENSION
system = app.extensions[EXTENSION]
assert system is other.extensions[EXTENSION]
deadline = time.monotonic() + 30
while system.state.latest_cycle() is None and time.monotonic() < deadline:
    time.sleep(0.1)
print(system.runner.active, sum(t.name == "plugin-optimizer-runner" for t in threading.enumerate()))
answer = app.test_client().get('/api/plugin-optimization/health')
print(answer.status_code, answer.json['status'])
system.close()
""",
        tmp_path,
    )
    assert out.split() == ["1", "True", "1", "200", "ok"]
    assert (tmp_path / "state" / "state.db").is_file()


def test_the_applications_factory_works(tmp_path: Path) -> None:
    """`app.create_app()` serves the API and the login, and puts the dashboard in its place."""
    out = run(
        """
from app import create_app
app = create_app()
client = app.test_client()
print(client.get('/api/plugin-optimization/suggestions').status_code)
print(client.get('/api/plugin-optimization/session').json['login_required'])
print(client.get('/plugin-optimization').status_code)
print(type(app.login_manager).__name__)
app.extensions['plugin_optimizer'].close()
""",
        tmp_path,
    )
    assert out.split() == ["401", "True", "308", "LoginManager"]


def test_the_engine_is_an_object_for_python(tmp_path: Path) -> None:
    """`plugin_optimization_engine` lists, and executes what exists only."""
    out = run(
        """
from core.backend.plugin_optimization_engine import plugin_optimization_engine as engine
from plugin_optimizer.domain import NotFound
print(len(engine.suggestions()), len(engine.history()))
try:
    engine.execute("sg_none")
except NotFound:
    print("unknown")
engine.system.close()
""",
        tmp_path,
    )
    assert out.split() == ["0", "0", "unknown"]


def test_a_broken_configuration_leaves_the_host_running(tmp_path: Path) -> None:
    """As the seed's snippet promises: the registration fails with a log line, the host starts without us."""
    out = run(
        """
import logging, os, sys
logging.basicConfig(stream=sys.stdout, level=logging.ERROR, format='%(message)s')
os.environ['PLUGIN_OPTIMIZER_CONFIG'] = '/nowhere.toml'
from flask import Flask
from flask_login import LoginManager
logger = logging.getLogger('host')
app = Flask('host')
try:
    from api.plugin_optimization_api import plugin_optimization_bp
    app.register_blueprint(plugin_optimization_bp, name='plugin_optimization_api')
except Exception as e:
    logger.error(f"플러그인 성능 최적화 API 블루프린트 등록 실패: {e}")
print(app.test_client().get('/').status_code)
""",
        tmp_path,
    )
    assert "등록 실패" in out
    assert "nowhere.toml" in out
    assert out.split()[-1] == "404"
