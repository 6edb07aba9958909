"""Starts the product on a state directory and tells how long each part took since the measurement started this process.

Prints `api`, `tick` and `turn` with seconds: the API answers, executions are looked at, the first turn is done,
and how much of that was computing of its own (on a machine that others use, the rest is waiting for them).
"""

import logging
import sys
import time
from pathlib import Path

from plugin_optimizer.config import Config, Engine, Statsd
from plugin_optimizer.web.application import create_app
from plugin_optimizer.web.hosting import EXTENSION

LONGEST_SECONDS = 100.0


def main() -> None:
    logging.disable(logging.CRITICAL)
    directory, began = Path(sys.argv[1]), float(sys.argv[2])
    engine = Engine(state_dir=str(directory), home=str(directory / "home"), discover=False)
    app = create_app(Config(engine=engine, statsd=Statsd(enabled=False)))
    system = app.extensions[EXTENSION]
    before = system.state.latest_cycle()
    system.runner.start()
    if app.test_client().get("/api/plugin-optimization/health").status_code == 200:
        _say("api", began)
    system.state.executions(open_only=True, limit=100_000)
    _say("tick", began)
    while time.monotonic() - began < LONGEST_SECONDS:
        if system.state.latest_cycle() != before:
            _say("turn", began)
            break
        time.sleep(0.02)
    system.close()


def _say(part: str, began: float) -> None:
    sys.stdout.write(f"{part} {time.monotonic() - began:.3f}\n{part}_computing {time.process_time():.3f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
