"""Others that tell what requests of a Flask application take, as their documents say to switch them on; those that are installed."""

import importlib.util
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask

Peer = Callable[[Flask], Flask]


def prometheus_flask_exporter(app: Flask) -> Flask:
    """Count and time requests by path; a registry of its own, so that nothing is shared with another application."""
    from prometheus_client import CollectorRegistry
    from prometheus_flask_exporter import PrometheusMetrics

    PrometheusMetrics(app, registry=CollectorRegistry())
    return app


def opentelemetry_traces(app: Flask) -> Flask:
    """Make a span of each request (the default: every one is sampled), exported in batches to nowhere."""
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class Nowhere(SpanExporter):
        def export(self, spans: Sequence[Any]) -> SpanExportResult:  # noqa: ARG002 - its promise
            return SpanExportResult.SUCCESS

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Nowhere()))
    FlaskInstrumentor().instrument_app(app, tracer_provider=provider)
    return app


def opentelemetry_without_sdk(app: Flask) -> Flask:
    """Instrument, and record nothing: what stays where the SDK is not configured."""
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    FlaskInstrumentor().instrument_app(app)
    return app


def flask_monitoring_dashboard(app: Flask) -> Flask:
    """Monitor every endpoint at its default level (1), into a SQLite file as by default, in a temporary folder."""
    import flask_monitoringdashboard as dashboard

    folder = tempfile.mkdtemp(prefix="monitoring-dashboard-")
    dashboard.config.database_name = f"sqlite:///{Path(folder) / 'dashboard.db'}"
    dashboard.config.enable_telemetry = False
    dashboard.bind(app)
    return app


# The slow ones are asked for fewer requests a round.
PEERS: dict[str, tuple[str, Peer, float]] = {
    "prometheus-flask-exporter": ("prometheus_flask_exporter", prometheus_flask_exporter, 1.0),
    "OpenTelemetry Flask, no SDK": ("opentelemetry.instrumentation.flask", opentelemetry_without_sdk, 1.0),
    "OpenTelemetry Flask, all traces": ("opentelemetry.instrumentation.flask", opentelemetry_traces, 1.0),
    "Flask-MonitoringDashboard": ("flask_monitoringdashboard", flask_monitoring_dashboard, 0.1),
}


def installed() -> dict[str, tuple[Peer, float]]:
    """Return those that can be imported, and which share of the requests they are asked for."""
    return {name: (peer, share) for name, (module, peer, share) in PEERS.items() if _there(module)}


def _there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
