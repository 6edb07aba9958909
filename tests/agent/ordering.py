"""Gives one order through the agent of a configuration, and prints what came of it as JSON; for a process in a namespace of its own.

python -m tests.agent.ordering CONFIG PLUGIN FENCE WORKERS
"""

import json
import sys

from plugin_optimizer.config import load_config
from plugin_optimizer.domain import OptimizerError
from plugin_optimizer.execute.orders import Fence, Order
from plugin_optimizer.reach import make_actuator, make_touchpoints


def never() -> bool:
    return False


def main() -> None:
    path, plugin_id, fence, workers = sys.argv[1:]
    config = load_config(path)
    plugin = next(plugin for plugin in config.plugins if plugin.plugin_id == plugin_id)
    touchpoint = make_touchpoints(config)[plugin.touchpoint]
    said: dict[str, str | None] = {"error": None}
    try:
        make_actuator(config, never).turn(touchpoint, Order(plugin, "workers", int(workers), Fence(int(fence))))
    except OptimizerError as error:
        said = {"error": type(error).__name__, "code": getattr(error, "code", ""), "message": str(error)}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
