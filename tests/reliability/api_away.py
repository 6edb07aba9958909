"""What the API answers while its database is away."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from plugin_optimizer.config import Config, Engine
from plugin_optimizer.knowledge import open_samples, open_state
from plugin_optimizer.web import token as tokens
from plugin_optimizer.web.blueprint import create_blueprint
from tests import postgresql
from tests.web.small_system import SmallSystem

PATHS = ("/plugins", "/suggestions", "/executions", "/policies")
ROUNDS = 3
BASE = "/api/plugin-optimization"


@dataclass(slots=True)
class Answers:
    asked: int = 0
    right: int = 0
    slowest_seconds: float = 0.0
    back: bool = False


def answers_while_away(server: postgresql.Server) -> Answers:
    """Ask while the server is stopped; look whether the same process answers when it is back."""
    answers = Answers()
    with tempfile.TemporaryDirectory() as directory:
        config = Config(engine=Engine(state_dir=directory, start=False))
        system = SmallSystem(config, open_state(server.new_state()), open_samples(Path(directory) / "samples.db"))
        secret = tokens.mint()
        system.state.save_token("watching", "admin", tokens.digest(secret), None, time.time())
        app = Flask("away", static_folder=None)
        app.register_blueprint(create_blueprint(lambda: system))
        client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
        assert client.get(BASE + PATHS[0], headers=headers).status_code == 200
        server.stop_at_once()
        for path in PATHS * ROUNDS:
            _ask(client, path, headers, answers)
        server.start()
        answers.back = all(client.get(BASE + path, headers=headers).status_code == 200 for path in PATHS)
        system.close()
    return answers


def _ask(client: FlaskClient, path: str, headers: dict[str, str], answers: Answers) -> None:
    began = time.monotonic()
    response = client.get(BASE + path, headers=headers)
    answers.slowest_seconds = max(answers.slowest_seconds, time.monotonic() - began)
    answers.asked += 1
    answers.right += (
        response.status_code == 503
        and response.mimetype == "application/problem+json"
        and "Retry-After" in response.headers
        and "Traceback" not in response.text
    )
