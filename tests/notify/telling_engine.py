"""The process that delivers, as an engine would, without its pauses."""

import time
from pathlib import Path

from plugin_optimizer.domain import Message, Policies
from plugin_optimizer.execute.policy_layers import merge_policies
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.models.calendar import parse_window
from plugin_optimizer.notify import NOTIFIERS, courier, service
from plugin_optimizer.notify.channels import make_channels
from plugin_optimizer.notify.conditions import Stop
from plugin_optimizer.notify.settings import parse_notify


class Quiet:
    """Nothing is wrong, and everything is told."""

    def policies(self) -> Policies:
        return merge_policies({"": {"notify": ["ops info"]}})

    def stop(self) -> Stop | None:
        return None

    def trouble(self) -> Message | None:
        return None


def tell(state_path: Path, url_file: Path) -> None:
    """Deliver until somebody kills us."""
    service.PACE_SECONDS = service.LOOKING_SECONDS = service.LOOK_SECONDS = 0.01
    courier.FIRST_RETRY_SECONDS = 0.2
    state = open_state(state_path)
    fence = state.take_lease("telling:1:a", time.time())
    ops = {"kind": "webhook", "url": f"file:{url_file}", "allow_inner": True, "most_per_hour": 3600}
    settings = parse_notify({"group_seconds": 0.0, "channels": {"ops": ops}}, parse_window)
    channels = make_channels(settings.channels, NOTIFIERS)
    told = service.NotificationService(state, settings, channels, Quiet(), 5.0, fence)
    told.start()
    time.sleep(600)
