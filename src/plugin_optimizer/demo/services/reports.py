"""Makes reports from the archive. It has many more workers than so few requests need."""

from flask import Flask, request
from flask.typing import ResponseReturnValue

from plugin_optimizer.probe import instrument

from .partner import ask

app = Flask(__name__)
instrument(app, plugin="reports")


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"ok": True}


@app.get("/reports/sales")
def sales() -> ResponseReturnValue:
    day = request.args.get("day", 1, type=int)
    archived = ask("archive", f"day-{day}")
    hours = [(day * 37 + hour * 11) % 97 for hour in range(24)]
    return {"day": day, "archive": archived, "total": sum(hours), "by_hour": hours}
