"""Mount the optimizer in your own Flask application, beside your own pages and your own login.

    flask --app examples/01_mount_in_flask.py run

Then http://127.0.0.1:5000/login logs you in (as this example does it; take your own way), and
http://127.0.0.1:5000/plugin-optimization/ shows the dashboard. Where it keeps its files and what it watches stands in
the TOML file that PLUGIN_OPTIMIZER_CONFIG names; without one it finds the gunicorn services of this user.
"""

import logging
import os

from flask import Flask, redirect
from flask_login import LoginManager, UserMixin, login_required, login_user
from werkzeug.wrappers import Response

logger = logging.getLogger(__name__)

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY", "for trying out only")  # the same in every worker, and secret
login_manager = LoginManager(app)


class Clerk(UserMixin):
    """Your user. `role` (viewer, operator, admin) says what the user may do in the optimizer; none means viewer."""

    id = "clerk"
    role = "operator"


@login_manager.user_loader
def load(user_id: str) -> Clerk | None:
    return Clerk() if user_id == Clerk.id else None


@app.get("/login")
def login() -> Response:
    login_user(Clerk())
    return redirect("/")


@app.get("/")
@login_required
def home() -> str:
    return 'Your application. <a href="/plugin-optimization/">Plugin optimization</a>'


# These lines are all it takes. Registering starts the analysis, in one process of the host however many workers it has.
try:
    from api.plugin_optimization_api import plugin_optimization_bp

    app.register_blueprint(plugin_optimization_bp, name="plugin_optimization_api")
except Exception as e:  # noqa: BLE001 - your application starts even where the optimizer cannot
    logger.error(f"플러그인 성능 최적화 API 블루프린트 등록 실패: {e}")  # noqa: G004, TRY400
