"""A host with its own state directory that shares a database with others: `python -m … URL DIRECTORY`. Ends with its input."""

import sys
from pathlib import Path

from plugin_optimizer.bootstrap import build
from plugin_optimizer.config import Config, Engine, Statsd


def main() -> None:
    url, directory = sys.argv[1], Path(sys.argv[2])
    home = directory / "home"
    home.mkdir(parents=True)
    engine = Engine(
        interval_seconds=1.0, state_dir=str(directory / "state"), state_url=url, home=str(home), discover=False
    )
    system = build(Config(engine=engine, statsd=Statsd(enabled=False)))
    system.runner.start()
    sys.stdin.read()
    system.close()


if __name__ == "__main__":
    main()
