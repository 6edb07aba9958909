"""A receiver of one's own keeps the promises that every touchpoint makes: the two examples, over HTTP and as a command."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.webhook import commands, webhooks
from tests.gunicorn_service import free_port
from tests.knob_receiver import SECRET, VARIABLE, running

pytestmark = pytest.mark.live
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the example once for all of them."""
    port, file = free_port(), tmp_path_factory.mktemp("mailer") / "mailer.json"
    command = [sys.executable, "-m", "flask", "--app", str(EXAMPLES / "07_webhook_receiver.py"), "run"]
    environment = {"MAILER_SECRET": SECRET, "MAILER_FILE": str(file)}
    with running([*command, "--port", str(port)], port, environment):
        yield f"http://127.0.0.1:{port}/control"


class TestWebhook(TouchpointContract):
    """The Flask application of examples/07, each request signed."""

    @pytest.fixture
    def subject(self, url: str, monkeypatch: pytest.MonkeyPatch) -> TouchpointSubject:
        monkeypatch.setenv(VARIABLE, SECRET)
        own = {"secret": f"${VARIABLE}"}
        mailer = Plugin("mailer", "webhook", {"url": url, **own})
        nobody = Plugin("nobody", "webhook", {"url": f"http://127.0.0.1:{free_port()}/control", **own})
        return TouchpointSubject(webhooks((mailer, nobody)), mailer, "pool_size", 9, nobody)


class TestCommand(TouchpointContract):
    """The program of examples/08, run anew for each question."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> TouchpointSubject:
        (tmp_path / "mailer.json").write_text('{"pool_size": 4}')
        mailer, nobody = (self.plugin(name, tmp_path) for name in ("mailer", "nobody"))
        return TouchpointSubject(commands((mailer, nobody)), mailer, "pool_size", 9, nobody)

    def plugin(self, name: str, folder: Path) -> Plugin:
        command = f'["{sys.executable}", "{EXAMPLES / "08_command_receiver.py"}", "{folder / name}.json"]'
        return Plugin(name, "command", {"command": command})
