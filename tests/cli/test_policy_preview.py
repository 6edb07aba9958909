"""The command that says what a policy would have done: words, JSON, and exit codes, from a real history."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.test_commands import Shell
from hindsight import history
from hindsight.history import BUSY, CALM, MINUTE, Service
from web.conftest import make_app
from web.small_system import SmallSystem, small_system
from werkzeug.serving import make_server

from plugin_optimizer.domain import Plugin, PluginStatus
from plugin_optimizer.web import token as tokens

pytestmark = pytest.mark.timeout(120)
SERVICE = Service("orders", ((3, CALM, 2), (4, BUSY, 2), (2, CALM, 2)))
LASTED = 9 * MINUTE


@pytest.fixture
def system(tmp_path: Path) -> Iterator[SmallSystem]:
    made = small_system(tmp_path / "state", {"": {"response_time_seconds": 0.5}})
    yield made
    made.close()


@pytest.fixture
def shell(system: SmallSystem) -> Iterator[Shell]:
    secret = tokens.mint()
    system.state.save_token("admin", "admin", tokens.digest(secret), time.time() + 600, time.time())
    server = make_server("127.0.0.1", 0, make_app(system), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    yield Shell({"PLUGIN_OPTIMIZER_URL": url, "PLUGIN_OPTIMIZER_TOKEN": secret, "LANG": "en_GB.UTF-8", "LC_ALL": ""})
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_preview_is_printed_beside_the_present_policy(
    system: SmallSystem, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overload of the past would have been answered; nothing is stored."""
    now = time.time()
    monkeypatch.setattr(history, "T0", now - LASTED)
    history.store(system.config.state_dir, (SERVICE,), until=now)
    system.state.save_plugin(Plugin("orders", "gunicorn"), PluginStatus.ACTIVE, now - LASTED)
    said = shell("policy", "preview", "orders", "mode=automatic", "--days", "1").output
    assert "changes executed automatically" in said
    assert "executed: orders, " in said
    assert "are on record" in said
    found = json.loads(shell("policy", "preview", "orders", "max_workers=31", "--json").stdout)
    assert (found["state"], found["days"], found["changes"]) == ("done", 7.0, {"max_workers": 31})
    assert system.state.policies() == {}


def test_what_cannot_be_computed_says_why(system: SmallSystem, shell: Shell) -> None:
    """No history: exit code 1 and what to do; a value that does not fit is refused as by `set`."""
    system.samples.write([])
    system.state.save_plugin(Plugin("orders", "gunicorn"), PluginStatus.ACTIVE, 1.0)
    said = shell("policy", "preview", "orders", "mode=automatic", code=1).output
    assert "Nothing is on record" in said
    assert "Let the engine run" in said
    assert "more than 0 and at most 1" in shell("policy", "preview", "orders", "cpu_ratio=3", code=1).output
    shell("policy", "preview", "orders", "mode=automatic", "--days", "0", code=2)
