"""The stand-alone application: our login, the API and the dashboard, and nothing else."""

import contextlib
import secrets
from datetime import timedelta
from pathlib import Path

from flask import Flask, redirect
from werkzeug.wrappers import Response

from ..bootstrap import load_config
from ..config import Config
from .blueprint import create_blueprint
from .dispatch import view_of
from .hosting import hosted_system, install
from .login import install_login
from .mount import PREFIX
from .resources.otlp import ROUTES as OTLP_ROUTES

SECRET_FILE = "session.key"  # noqa: S105 - the name of a file


def create_app(config: Config | None = None) -> Flask:
    """Return the application. Raises ConfigError."""
    app = Flask("plugin_optimizer", static_folder=None)
    app.config["PLUGIN_OPTIMIZER"] = config or load_config()
    prepare(app)
    app.register_blueprint(create_blueprint(hosted_system))
    app.add_url_rule("/", "home", home)
    app.add_url_rule(
        "/v1/metrics", "otlp", view_of(OTLP_ROUTES[0], hosted_system), methods=["POST"]
    )  # where exporters look first
    install(app)
    return app


def prepare(app: Flask) -> None:
    """Give an application of our own a session key that outlives restarts, safe cookies, and our login."""
    config: Config = app.config.get("PLUGIN_OPTIMIZER") or load_config()
    app.config["PLUGIN_OPTIMIZER"] = config
    app.config.update(
        SECRET_KEY=session_key(config.state_dir),
        SESSION_COOKIE_NAME="plugin_optimizer",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=config.server.session_hours),
        SESSION_REFRESH_EACH_REQUEST=False,  # the lifetime is absolute
    )
    install_login(app, hosted_system)


def session_key(directory: Path) -> bytes:
    """Return the key that signs sessions, made on first use and readable by its owner only."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = directory / SECRET_FILE
    if not file.exists():
        fresh = file.with_name(f"{SECRET_FILE}.{secrets.token_hex(8)}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(fresh)  # complete, or not there at all: workers start at the same moment
        fresh.unlink()
    return file.read_bytes()


def home() -> Response:
    return redirect(f"{PREFIX}/")
