"""Who may do what, over every route there is."""

import pytest
from flask import Flask
from web.conftest import BASE, ROLES, Api

from plugin_optimizer.web.route import Role, Route
from plugin_optimizer.web.routes import ROUTES

# The authorisation table. A route without a row here fails the test: whoever adds one decides who may call it.
LEAST_ROLE = {
    "list_suggestions": Role.VIEWER,
    "read_suggestion": Role.VIEWER,
    "execute_suggestion": Role.OPERATOR,
    "dismiss_suggestion": Role.OPERATOR,
    "undo_dismiss_suggestion": Role.OPERATOR,
    "snooze_suggestion": Role.OPERATOR,
    "dry_run_suggestion": Role.OPERATOR,
    "wake_suggestion": Role.OPERATOR,
    "list_history": Role.VIEWER,
    "list_executions": Role.VIEWER,
    "read_execution": Role.VIEWER,
    "roll_back_execution": Role.OPERATOR,
    "close_execution": Role.OPERATOR,
    "cancel_execution": Role.OPERATOR,
    "read_calibration": Role.VIEWER,
    "list_plugins": Role.VIEWER,
    "read_fleet": Role.VIEWER,
    "list_groups": Role.VIEWER,
    "read_plugin": Role.VIEWER,
    "forget_plugin": Role.ADMIN,
    "read_metrics": Role.VIEWER,
    "push_metrics": Role.SENDER,
    "take_otlp_metrics": Role.SENDER,
    "read_chart": Role.VIEWER,
    "read_forecast": Role.VIEWER,
    "read_anomalies": Role.VIEWER,
    "read_incidents": Role.VIEWER,
    "list_past_incidents": Role.VIEWER,
    "read_past_incident": Role.VIEWER,
    "export_incidents_csv": Role.VIEWER,
    "export_incidents_json": Role.VIEWER,
    "say_no_problem": Role.OPERATOR,
    "undo_feedback": Role.OPERATOR,
    "list_feedback": Role.VIEWER,
    "drill_down": Role.VIEWER,
    "read_anatomy": Role.VIEWER,
    "read_curves": Role.VIEWER,
    "list_policies": Role.VIEWER,
    "read_policy": Role.VIEWER,
    "change_policy": Role.ADMIN,
    "preview_policy": Role.ADMIN,
    "tell_consequences": Role.ADMIN,
    "list_plugin_groups": Role.VIEWER,
    "read_plugin_group": Role.VIEWER,
    "save_plugin_group": Role.ADMIN,
    "preview_plugin_group": Role.ADMIN,
    "remove_plugin_group": Role.ADMIN,
    "list_previews": Role.VIEWER,
    "read_preview": Role.VIEWER,
    "cancel_preview": Role.ADMIN,
    "read_session": Role.NOBODY,
    "open_session": Role.NOBODY,
    "confirm_session": Role.VIEWER,
    "close_session": Role.NOBODY,
    "list_tokens": Role.ADMIN,
    "create_token": Role.ADMIN,
    "revoke_token": Role.ADMIN,
    "list_users": Role.ADMIN,
    "list_sessions": Role.ADMIN,
    "end_session": Role.ADMIN,
    "read_emergency_stop": Role.VIEWER,
    "set_emergency_stop": Role.OPERATOR,
    "arm_engine": Role.ADMIN,
    "list_channels": Role.OPERATOR,
    "send_test_notification": Role.ADMIN,
    "list_outbox": Role.OPERATOR,
    "retry_notification": Role.OPERATOR,
    "rehearse_notifications": Role.OPERATOR,
    "read_health": Role.NOBODY,
    "ask_doctor": Role.VIEWER,
    "list_audit": Role.ADMIN,
    "export_audit_csv": Role.ADMIN,
    "export_audit_json": Role.ADMIN,
    "verify_audit": Role.ADMIN,
    "export_history_csv": Role.VIEWER,
    "read_track_record": Role.VIEWER,
    "export_history_json": Role.VIEWER,
    "stream_events": Role.VIEWER,
    "read_openapi": Role.VIEWER,
    "read_profile": Role.VIEWER,
    "begin_profile": Role.OPERATOR,
}
IN_PERSON = {"arm_engine"}  # never by a token, whatever its role
OPEN_TO_ALL = {"anything_else", "dashboard", "dashboard_redirect", "dashboard_asset", "dashboard_public"}


def filled(route: Route) -> str:
    return route.path.replace("<", "").replace(">", "")


def test_every_route_has_a_role_and_a_specification(app: Flask, admin: Api) -> None:
    """Walks the URL map: each rule of ours stands in the table above and in openapi.json."""
    paths = admin.get("/openapi.json").json["paths"]
    described = {operation["operationId"] for methods in paths.values() for operation in methods.values()}
    ours = {
        rule.endpoint.partition(".")[2]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("plugin_optimization.")
    } - OPEN_TO_ALL
    assert ours == described == set(LEAST_ROLE)


def test_every_reference_in_the_specification_resolves(admin: Api) -> None:
    """Each $ref of openapi.json names a schema that is there."""
    import json
    import re

    document = admin.get("/openapi.json").json
    assert document["openapi"].startswith("3.1")
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert names <= document["components"]["schemas"].keys()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
@pytest.mark.parametrize("caller", ["nobody", *ROLES])
def test_the_matrix(route: Route, caller: str, app: Flask, secrets: dict[str, str]) -> None:
    """Each role gets 401 or 403 exactly where the table says so."""
    answer = Api(app.test_client(), secrets.get(caller))(route.method, filled(route))
    own = Role[caller.upper()]
    if own >= LEAST_ROLE[route.name] and route.name not in IN_PERSON:
        assert answer.status_code != 403
        assert answer.status_code != 401 or route.name == "open_session"
    else:
        assert answer.status_code == (401 if caller == "nobody" else 403)
        assert answer.mimetype == "application/problem+json"
    answer.close()


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer po_x", "Basic YTpi", "Bearer " + "po_" + "A" * 49, "po_" + "A" * 49, "Bearer \xe9"],
)
def test_a_bad_token_is_refused(app: Flask, header: str) -> None:
    """Malformed, unknown or of another scheme: 401 with WWW-Authenticate, never a redirect."""
    answer = app.test_client().get(f"{BASE}/suggestions", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_a_revoked_token_stops_working_at_once(admin: Api, viewer: Api) -> None:
    """After DELETE /tokens/<name> the next request with it is 401."""
    assert viewer.get("/suggestions").status_code == 200
    assert admin("DELETE", "/tokens/viewer-token").status_code == 200
    assert viewer.get("/suggestions").status_code == 401


def test_a_token_is_shown_once(admin: Api) -> None:
    """POST /tokens gives the secret; no later answer holds it, nor the stored digest."""
    made = admin.post("/tokens", json={"name": "ci", "role": "viewer", "days": 1}).json
    assert made["token"].startswith("po_")
    listed = admin.get("/tokens").get_data(as_text=True) + admin.get("/audit").get_data(as_text=True)
    assert made["token"] not in listed
    assert admin.post("/tokens", json={"name": "ci", "role": "viewer", "days": 1}).status_code == 409


def test_without_login_the_health_says_no_more_than_it_must(nobody: Api, viewer: Api) -> None:
    """Nobody sees status and version; a viewer sees the rest."""
    assert nobody.get("/health").json.keys() == {"status", "version"}
    assert viewer.get("/health").json.keys() >= {"runner", "checks", "stale_plugins"}
