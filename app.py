"""A Flask application with flask-login that mounts the plugin optimizer: `flask run`, or `gunicorn "app:create_app()"`."""

import logging

from flask import Flask

from plugin_optimizer.web.application import prepare

logger = logging.getLogger(__name__)


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    prepare(app)  # flask-login's LoginManager over our users, session key, cookies
    try:
        from api.plugin_optimization_api import plugin_optimization_bp

        app.register_blueprint(plugin_optimization_bp, name="plugin_optimization_api")
    except Exception as e:  # noqa: BLE001 - as the seed shows it
        logger.error(f"플러그인 성능 최적화 API 블루프린트 등록 실패: {e}")  # noqa: G004, TRY400
    return app
