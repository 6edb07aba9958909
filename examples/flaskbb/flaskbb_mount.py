"""FlaskBB with the optimizer mounted: each of its Blueprints and each of its pluggy plugins is seen as one of ours.

People log in as they always do. Only the forum's administrators see the dashboard; its own CSRF protection goes on for its own forms.
"""

import os
from typing import Any

from flask import redirect, request, url_for
from flask_login import current_user
from flaskbb.app import create_app
from flaskbb.extensions import csrf, pluggy
from werkzeug.exceptions import Forbidden

from plugin_optimizer.probe import instrument, instrument_hooks
from plugin_optimizer.web.blueprint import create_blueprint
from plugin_optimizer.web.hosting import host, hosted_system


def administrators_only() -> Any:
    """Let in who administers the forum, and programs that show a token of ours: that is checked where it is used."""
    if "Authorization" in request.headers or current_user.permissions.get("admin", False):
        return None
    if current_user.is_authenticated:
        raise Forbidden("this is for administrators of the forum")
    is_page = "/api/" not in request.path  # the API answers 401 by itself
    return redirect(url_for("auth.login", next=request.path)) if is_page else None


blueprint = create_blueprint(hosted_system)
blueprint.record_once(host)
blueprint.before_request(administrators_only)
csrf.exempt(blueprint)  # it has its own protection: a token by GET /session, Origin and Sec-Fetch-Site

app = create_app(os.environ["FLASKBB_SETTINGS"])
app.register_blueprint(blueprint)
instrument(app, plugin="flaskbb")
instrument_hooks(pluggy)
