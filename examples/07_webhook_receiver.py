"""An HTTP endpoint of your own that the optimizer reads and turns: no touchpoint, no package of ours, any language.

Here it stands for a worker pool that reads its settings from a JSON file. The protocol is docs/WEBHOOK.md.

    export MAILER_SECRET=$(python3 -c "import secrets; print(secrets.token_hex(32))")
    MAILER_FILE=/tmp/mailer.json flask --app examples/07_webhook_receiver.py run --port 8700

and in the configuration of the optimizer, which has the same variable in its environment:

    [plugins.mailer]
    touchpoint = "webhook"
    url = "http://127.0.0.1:8700/control"
    secret = "$MAILER_SECRET"
"""

import hashlib
import hmac
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, request

SECRET, FILE = os.environ["MAILER_SECRET"].encode(), Path(os.environ["MAILER_FILE"])
WINDOW_SECONDS = 300  # how old a request may be
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 16 * 1024
lock = threading.Lock()
done: dict[str, float] = {}  # orders carried out, and when: kept for as long as a signature is good
FILE.exists() or FILE.write_text('{"pool_size": 4}')


@app.post("/control")
def control() -> Response | tuple[Response, int]:
    question = checked(request.get_data(), request.headers.get("X-Plugin-Optimizer-Signature", ""))
    with lock:
        size = json.loads(FILE.read_text())["pool_size"]
        if question["operation"] == "read":
            return jsonify(version=1, knobs=[knob(size)], metrics={"workers": size})
        if question["operation"] == "turn" and not is_done(question["order"]):
            if question["seen"] != size:
                return jsonify(refused=f"it runs with {size} by now"), 409
            FILE.write_text(json.dumps({"pool_size": question["to"]}))
            done[question["order"]] = time.time()
        return jsonify({})  # what stands in the file lasts: there is nothing more to do to keep it


def knob(size: int) -> dict[str, object]:
    """`kept` is what it would come back with: the file's value, too."""
    return {"name": "pool_size", "type": "integer", "value": size, "minimum": 1, "maximum": 64, "kept": size}


def checked(body: bytes, signature: str) -> dict[str, Any]:
    """Return what was asked by whoever knows the secret, and not long ago."""
    given = dict(part.partition("=")[::2] for part in signature.split(","))
    signed = given.get("t", "").encode() + b"." + body
    digest = hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(digest.encode(), given.get("v1", "").encode()):  # in constant time
        abort(401)
    if abs(time.time() - int(given["t"])) > WINDOW_SECONDS:
        abort(401)
    question: dict[str, Any] = json.loads(body)
    return question


def is_done(order: str) -> bool:
    for old in [name for name, at in done.items() if time.time() - at > 2 * WINDOW_SECONDS]:
        del done[old]
    return order in done
