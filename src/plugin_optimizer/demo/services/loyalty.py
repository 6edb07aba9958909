"""Counts loyalty points. Some time after its first customer it crashes as a whole, and nobody starts it again."""

import os
import signal
import threading
import time

from flask import Flask, request
from flask.typing import ResponseReturnValue

from plugin_optimizer.probe import instrument

app = Flask(__name__)
instrument(app, plugin="loyalty")

LIFETIME_SECONDS = float(os.environ.get("PLUGIN_OPTIMIZER_DEMO_LOYALTY_SECONDS", "25"))

_master = os.getppid()  # gunicorn loads the application in each worker
_doomed = threading.Event()


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"ok": True}


@app.get("/points/<int:customer>")
def points(customer: int) -> ResponseReturnValue:
    if "gunicorn.socket" in request.environ and not _doomed.is_set():
        _doomed.set()
        threading.Thread(target=crash_later, name="crash", daemon=True).start()
    return {"customer": customer, "points": customer * 7 % 1000}


def crash_later() -> None:
    """End the master without warning, as the kernel does when memory is short. Workers end with their master."""
    time.sleep(LIFETIME_SECONDS)
    if os.getppid() == _master:
        os.kill(_master, signal.SIGKILL)
