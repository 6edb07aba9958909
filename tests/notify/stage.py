"""A real state, a policy that routes everything to one channel, and a real server that takes its messages."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from web.small_system import finish as finish_execution
from web.small_system import offer, proposal, small_system

from plugin_optimizer.domain import Message, Plugin, PluginStatus, Policies
from plugin_optimizer.execute.policy_layers import merge_policies
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.models.calendar import parse_window
from plugin_optimizer.notify import NOTIFIERS
from plugin_optimizer.notify.channels import ReadyChannel, make_channels
from plugin_optimizer.notify.collector import Collector
from plugin_optimizer.notify.conditions import Stop
from plugin_optimizer.notify.courier import Courier
from plugin_optimizer.notify.settings import Notify, parse_notify

__all__ = ["Stage", "finish_execution", "offer", "proposal", "settings_of", "small_system"]


def settings_of(url_file: Path, url: str, channel: Mapping[str, object] | None = None, **general: object) -> Notify:
    url_file.write_text(url)
    ops = {"kind": "slack", "url": f"file:{url_file}", "allow_inner": True, "language": "en", **(channel or {})}
    return parse_notify({"group_seconds": 0.0, **general, "channels": {"ops": ops}}, parse_window)


@dataclass
class Stage:
    """Turns the collector and the courier of one channel by hand; also what surrounds them."""

    state: SqlStateStore
    settings: Notify
    overrides: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: {"": {"notify": ["ops info"]}})
    stopped: Stop | None = None
    broken: Message | None = None
    now: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.fence = self.state.take_lease("stage:1:a", self.now)
        channels = make_channels(self.settings.channels, NOTIFIERS)
        self.channel: ReadyChannel = channels["ops"]
        rules = {name: channel.rules for name, channel in channels.items()}
        self.collector = Collector(self.state, self.settings, rules, self, 5.0, self.fence)
        self.courier = Courier(self.state, self.channel, self.settings, self.fence, lambda: self.now, random.Random(1))
        self.collector.look(self.now)  # the first look begins at the present

    def policies(self) -> Policies:
        return merge_policies(self.overrides)

    def stop(self) -> Stop | None:
        return self.stopped

    def trouble(self) -> Message | None:
        return self.broken

    def pass_time(self, seconds: float, step: float = 5.0) -> int:
        """Let time pass, looking every `step` seconds; return how many messages were tried."""
        tried, end = 0, self.now + seconds
        while self.now < end:
            self.now = min(self.now + step, end)
            self.collector.look(self.now)
            while self.courier.deliver():
                tried += 1
        return tried

    def plugin(self, plugin_id: str, status: PluginStatus) -> None:
        self.state.save_plugin(Plugin(plugin_id, "gunicorn", {"name": plugin_id}), status, self.now)

    def with_rules(self, **rules: object) -> None:
        """Change the rules of the channel from here on."""
        changed = replace(self.channel.rules, **rules)  # type: ignore[arg-type]
        self.channel = replace(self.channel, rules=changed)
        self.courier.channel = self.channel
        self.collector.rules = {"ops": changed}
