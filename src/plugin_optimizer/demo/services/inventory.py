"""Knows stocks and prices. Since somebody changed a price setting, wholesale prices fail."""

import os
from pathlib import Path

from flask import Flask, request
from flask.typing import ResponseReturnValue

from plugin_optimizer.probe import instrument, tunable

from . import pricing

app = Flask(__name__)
instrument(app, plugin="inventory", attributes=("channel",))

_file = pricing.PriceFile(Path(os.environ["PLUGIN_OPTIMIZER_DEMO_PRICING"]))
_rounding = tunable("pricing.rounding", _file.settings.rounding, choices=pricing.ROUNDINGS)


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"ok": True}


@app.get("/prices/<int:item>")
def show_price(item: int) -> ResponseReturnValue:
    if _file.reread():
        _rounding.set(_file.settings.rounding)
    channel = request.args.get("channel", "shop")
    return {"item": item, "price": str(pricing.price(item, channel, _file.settings, _rounding.value))}
