"""The table of all routes: the URL map, the authorisation and openapi.json follow from it."""

from typing import Any

from .openapi import openapi
from .resources import (
    accounts,
    anatomy,
    anomalies,
    audit,
    calibration,
    chart,
    curves,
    doctor,
    drill,
    emergency_stop,
    events,
    executions,
    feedback,
    fleet,
    forecast,
    health,
    history,
    incidents,
    metrics,
    metrics_push,
    notifications,
    otlp,
    past_incidents,
    plugins,
    policies,
    previews,
    profiles,
    rehearsal,
    session,
    setting_aside,
    suggestions,
    tokens,
    track_record,
)
from .route import Answer, Call, Role, Route


def read_openapi(call: Call) -> Answer:  # noqa: ARG001 - every handler takes the call
    return Answer(openapi(ROUTES))


ROUTES: tuple[Route, ...] = (
    *suggestions.ROUTES,
    *setting_aside.ROUTES,
    *rehearsal.ROUTES,
    *history.ROUTES,
    *executions.ROUTES,
    *calibration.ROUTES,
    *track_record.ROUTES,
    *plugins.ROUTES,
    *fleet.ROUTES,
    *metrics.ROUTES,
    *metrics_push.ROUTES,
    *otlp.ROUTES,
    *chart.ROUTES,
    *forecast.ROUTES,
    *anomalies.ROUTES,
    *feedback.ROUTES,
    *drill.ROUTES,
    *incidents.ROUTES,
    *past_incidents.ROUTES,
    *anatomy.ROUTES,
    *curves.ROUTES,
    *profiles.ROUTES,
    *policies.ROUTES,
    *previews.ROUTES,
    *session.ROUTES,
    *tokens.ROUTES,
    *accounts.ROUTES,
    *emergency_stop.ROUTES,
    *notifications.ROUTES,
    *health.ROUTES,
    *doctor.ROUTES,
    *audit.ROUTES,
    *events.ROUTES,
    Route("GET", "/openapi.json", Role.VIEWER, read_openapi, "Describe this API", dict[str, Any]),
)
