"""Takes orders. Each one waits for the bank; there are too few workers for so much waiting."""

import os
from collections import deque
from itertools import count

from flask import Flask, request
from flask.typing import ResponseReturnValue

from plugin_optimizer.probe import instrument

from .partner import ask

app = Flask(__name__)
instrument(app, plugin="orders")

_numbers = count(1)
_recent: deque[dict[str, str]] = deque(maxlen=200)


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"ok": True}


@app.post("/orders")
def take_order() -> ResponseReturnValue:
    number = f"{os.getpid()}-{next(_numbers)}"
    answer = ask("payment", number)
    order = {"order": number, "item": request.args.get("item", ""), "payment": answer}
    _recent.append(order)
    return order, 201
