"""The threads that tell people outside, in the process that runs the engine and beside its ticks: none waits for them."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from ..contracts import StateStore
from ..domain import OptimizerError
from .channels import ReadyChannel
from .collector import Collector, Surroundings
from .courier import Courier
from .settings import Notify

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
PACE_SECONDS = 1.0  # between two messages to one channel: what Slack allows a webhook
LOOKING_SECONDS = 0.5  # between two looks for something that is due
JOIN_SECONDS = 2.0


class NotificationService:
    """One thread that collects, and one for each channel: a channel that hangs delays no other."""

    def __init__(
        self,
        state: StateStore,
        settings: Notify,
        channels: Mapping[str, ReadyChannel],
        surroundings: Surroundings,
        interval_seconds: float,
        fence: int,
    ) -> None:
        rules = {name: channel.rules for name, channel in channels.items()}
        self._collector = Collector(state, settings, rules, surroundings, interval_seconds, fence)
        self._couriers = [Courier(state, channel, settings, fence, time.time) for channel in channels.values()]
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(name, call), name=f"plugin-optimizer-{name}", daemon=True)
            for name, call in self._work()
        ]

    def start(self) -> None:
        """Begin to tell. Without channels there is nothing to do, and no thread."""
        if self._couriers:
            for thread in self._threads:
                thread.start()

    def stop(self) -> None:
        """Begin nothing new. What is being sent is settled by whoever runs next, should it not end in time."""
        self._over.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(JOIN_SECONDS)

    def _work(self) -> "list[tuple[str, Callable[[], float]]]":
        deliveries = [(f"notify-{courier.channel.name}", _deliver(courier)) for courier in self._couriers]
        return [("notify", self._look), *deliveries]

    def _look(self) -> float:
        self._collector.look(time.time())
        return LOOK_SECONDS

    def _run(self, name: str, call: Callable[[], float]) -> None:
        pause = 0.0
        while not self._over.wait(pause):
            try:
                pause = call()
            except OptimizerError as error:
                log.warning("%s failed and goes on: %s", name, error)
                pause = PACE_SECONDS
            except Exception:
                log.exception("%s failed and goes on", name)
                pause = PACE_SECONDS


def _deliver(courier: Courier) -> Callable[[], float]:
    return lambda: PACE_SECONDS if courier.deliver() else LOOKING_SECONDS
