"""A shop of two plugins in one application: orders are quick, reports take twenty times as long, and both share two workers."""

import os

from flask import Blueprint, Flask

from benchmarks.closed_loop.work import asked, work
from plugin_optimizer.probe import instrument

LONGER = 20
app = Flask("shop")
orders, reports = Blueprint("orders", __name__), Blueprint("reports", __name__)


@orders.get("/0")
def order() -> str:
    _work(1)
    return "ordered"


@reports.get("/1")
def report() -> str:
    _work(LONGER)
    return "reported"


def _work(times: int) -> None:
    from flask import request

    io, cpu = asked(request.environ)
    work(times * io, cpu)


app.register_blueprint(orders)
app.register_blueprint(reports)
instrument(app, plugin=os.environ["SERVICE"])
