"""Takes reservations. It never forgets one: every request leaves some 32 KB in the worker's memory."""

import os
from itertools import count

from flask import Flask, request
from flask.typing import ResponseReturnValue

from plugin_optimizer.probe import instrument

app = Flask(__name__)
instrument(app, plugin="reservations")

SEATING_PLAN_BYTES = 32 * 1024
# The leak is real; it ends where it would harm the machine of whoever tries the demo (320 MB in each worker).
KEPT_LIMIT = 10_000

_numbers = count(1)
_kept: list[bytes] = []


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"ok": True}


@app.post("/reservations")
def reserve() -> ResponseReturnValue:
    number = f"{os.getpid()}-{next(_numbers)}"
    seating_plan = os.urandom(64) * (SEATING_PLAN_BYTES // 64)
    if len(_kept) < KEPT_LIMIT:
        _kept.append(seating_plan)
    return {"reservation": number, "guests": request.args.get("guests", "")}, 201
