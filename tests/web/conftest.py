"""A Flask application with our login over a small real system, and a client for each role."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web.small_system import SmallSystem, small_system

from plugin_optimizer.web import token as tokens
from plugin_optimizer.web import usual
from plugin_optimizer.web.blueprint import create_blueprint
from plugin_optimizer.web.login import install_login
from plugin_optimizer.web.observed_knobs import OBSERVED, OBSERVED_POOLS
from plugin_optimizer.web.resources import anatomy, curves, forecast

ROLES = ("sender", "viewer", "operator", "admin")
BASE = "/api/plugin-optimization"


class Api:
    """Speaks to the application as somebody with a token (or nobody)."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, **options: Any) -> Any:
        headers = {**self.headers, **options.pop("headers", {})}
        return self.client.open(BASE + path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self("POST", path, **options)

    def change(self, path: str, **options: Any) -> Any:
        """PATCH what was just read, naming its ETag."""
        return self("PATCH", path, headers={"If-Match": self.get(path).headers["ETag"]}, **options)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was computed or observed is kept by the place of its system in memory, where the next test's may lie."""
    for computed in (anatomy.KEPT, curves.KEPT, forecast.KEPT, usual.KEPT):
        monkeypatch.setattr(computed, "_kept", {})
    for observed in (OBSERVED, OBSERVED_POOLS):
        monkeypatch.setattr(observed, "_seen", {})


@pytest.fixture
def system(tmp_path: Path) -> Iterator[SmallSystem]:
    made = small_system(tmp_path)
    yield made
    made.close()


def make_app(system: SmallSystem) -> Flask:
    app = Flask("host", static_folder=None)
    app.config.update(SECRET_KEY="test", TESTING=False)
    install_login(app, lambda: system)
    app.register_blueprint(create_blueprint(lambda: system))
    return app


@pytest.fixture
def app(system: SmallSystem) -> Flask:
    return make_app(system)


@pytest.fixture
def secrets(system: SmallSystem) -> dict[str, str]:
    """A token for each role."""
    made = {role: tokens.mint() for role in ROLES}
    for role, secret in made.items():
        system.state.save_token(f"{role}-token", role, tokens.digest(secret), time.time() + 3600, time.time())
    return made


@pytest.fixture
def nobody(app: Flask) -> Api:
    return Api(app.test_client(), None)


@pytest.fixture
def sender(app: Flask, secrets: dict[str, str]) -> Api:
    return Api(app.test_client(), secrets["sender"])


@pytest.fixture
def viewer(app: Flask, secrets: dict[str, str]) -> Api:
    return Api(app.test_client(), secrets["viewer"])


@pytest.fixture
def operator(app: Flask, secrets: dict[str, str]) -> Api:
    return Api(app.test_client(), secrets["operator"])


@pytest.fixture
def admin(app: Flask, secrets: dict[str, str]) -> Api:
    return Api(app.test_client(), secrets["admin"])
