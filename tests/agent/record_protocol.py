"""Writes down what passes between server and agent, byte by byte: `python -m tests.agent.record_protocol > FILE`.

Run with the code of the version whose protocol is to be kept: what was recorded then is never written anew, or it proves nothing.
"""

import json
import sys
from dataclasses import replace
from typing import Any

import msgspec

from plugin_optimizer.agent import messages as m
from plugin_optimizer.domain import CpuQuota, Disruption, Knob, Metric, Plugin, Pool, Reversibility, Sample
from plugin_optimizer.execute.orders import Fence, Order

PLUGIN = Plugin("orders", "gunicorn", {"bind": "127.0.0.1:8000"}, {"group": "shop"})
ORDER = Order(PLUGIN, "workers", 3, Fence(7, 1, 2), seen=2)
KNOB = Knob(
    "MemoryMax", 64 << 20, 1 << 20, 1 << 30, unit="bytes", step=1 << 20, disruption=Disruption.RELOAD, kind="memory_limit",
    needed=5e7, down=Reversibility.LOSSY,
)  # fmt: skip
POOL = Pool("gthread", 2, 4, 1.5, False, {11: 1.0, 12: 2.0}, 5e7, CpuQuota(0.05, 0.1, 2.0))
SAMPLE = Sample("orders", Metric.RESPONSE_TIME_P95_SECONDS, 1_790_000_000.25, 0.25)


def questions() -> dict[str, Any]:
    """Return one question of each kind."""
    return {
        "kinds": m.Kinds(),
        "discover": m.Discover("gunicorn"),
        "sense": m.Sense(PLUGIN, 1_790_000_000.0),
        "pool": m.AskPool(PLUGIN),
        "knobs": m.AskKnobs(PLUGIN),
        "incarnation": m.Incarnation(PLUGIN),
        "cache": m.AskCache(PLUGIN),
        "turn": m.Turn(ORDER),
        "turn back to a word": m.Turn(replace(ORDER, to="running", seen=None, back=True)),
        "persist": m.Persist(ORDER),
        "bar": m.Bar("orders", Fence(8)),
        "held": m.Held(1_790_000_000.0),
        "fetch": m.Fetch(PLUGIN, "spool-1", 41),
    }


def results() -> dict[str, Any]:
    """Return what is answered to them, where that has a form of its own."""
    return {
        "discover": [PLUGIN],
        "sense": [SAMPLE],
        "pool": m.PoolView.of(POOL),
        "knobs": [KNOB],
        "fetch": m.Spooled("spool-1", 42, 0, [SAMPLE]),
    }


def requests() -> dict[str, bytes]:
    """Return each question as it is sent, on the connection "c1"."""
    return {
        name: msgspec.json.encode(m.Request("c1", 1, "n1", "boot-1", 1_000.5, question))
        for name, question in questions().items()
    }


def answers() -> dict[str, bytes]:
    told = {name: msgspec.json.encode(m.Told(msgspec.Raw(msgspec.json.encode(r)))) for name, r in results().items()}
    return told | {"failed": msgspec.json.encode(m.Failed("stale", "too late", "stale_fence"))}


def greetings() -> dict[str, bytes]:
    return {"greeting": msgspec.json.encode(m.Greeting("c1", m.PROTOCOL, m.OLDEST_PROTOCOL, "boot-1", 990.25))}


if __name__ == "__main__":
    sides = {"requests": requests(), "answers": answers(), "greetings": greetings()}
    found = {side: {name: frame.decode() for name, frame in frames.items()} for side, frames in sides.items()}
    sys.stdout.write(json.dumps({"protocol": m.PROTOCOL, **found}, indent=1) + "\n")
