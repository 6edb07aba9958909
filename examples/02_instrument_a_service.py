"""A service that the optimizer can see into, and whose settings it can turn while it runs.

    gunicorn --chdir examples --workers 2 --name prices "02_instrument_a_service:app"
    plugin-optimizer serve

Three lines are ours: `instrument` records each request (waiting, time inside, CPU, status, cause of errors), `tunable`
makes a setting a knob, `TunableCache` is a cache whose size is one. Each works in every worker process at once, and
does nothing at all where no optimizer runs.
"""

from functools import partial

from flask import Flask, jsonify, request
from flask.wrappers import Response

from plugin_optimizer.probe import TunableCache, instrument, tunable

app = Flask(__name__)
# The attribute tells kinds of requests apart: "all errors come from channel=wholesale" can then be found out.
instrument(app, plugin="prices", attributes=("channel",))

prices: TunableCache[int, float] = TunableCache("prices", capacity=64)
# It moves how fast prices are answered, never what: the engine may suggest experiments with it.
batch_size = tunable("prices.batch_size", 50, minimum=10, maximum=500, kind="performance")


def calculated(article: int) -> float:
    """Stands for your database, your price engine, your slow partner."""
    return round(0.99 + article * 1.10, 2)


@app.get("/prices/<int:first>")
def price_list(first: int) -> Response:
    count = min(request.args.get("count", batch_size.value, type=int), batch_size.value)  # read where it is needed
    articles = range(first, first + count)
    return jsonify({article: prices.get_or_load(article, partial(calculated, article)) for article in articles})
