"""Plug-ins by name: the built-in ones and those other packages bring by entry points."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from .analyze import DETECTORS
from .contracts import Detector, Planner, Touchpoint
from .domain import ConfigError, Plugin
from .notify import NOTIFIERS
from .plan import PLANNERS
from .touchpoints import SERVERS
from .touchpoints import TOUCHPOINTS as TOUCHPOINT_KINDS

TOUCHPOINTS = "plugin_optimizer.touchpoints"
NOTIFIER_GROUP = "plugin_optimizer.notifiers"
GROUPS = ("plugin_optimizer.detectors", "plugin_optimizer.planners", TOUCHPOINTS, NOTIFIER_GROUP)


def detectors() -> tuple[Detector, ...]:
    """Return every detector, in a fixed order. Raises ConfigError for an entry point that cannot be loaded."""
    return tuple(make() for make in {**DETECTORS, **_foreign("plugin_optimizer.detectors")}.values())


def planners() -> tuple[Planner, ...]:
    """Return every planner, in a fixed order. Raises ConfigError for an entry point that cannot be loaded."""
    return tuple(make() for make in {**PLANNERS, **_foreign("plugin_optimizer.planners")}.values())


def touchpoints(home: Path, configured: tuple[Plugin, ...] = ()) -> Mapping[str, Touchpoint]:
    """Return the touchpoints by kind, those of other packages included. `home` is where probes and engine meet,
    `configured` are the plugins that the configuration names: what is found at their places is theirs.
    """
    built_in = {kind: make(home) for kind, make in TOUCHPOINT_KINDS.items()}
    servers = {kind: make(configured) for kind, make in SERVERS.items()}
    return {**built_in, **servers, **{kind: make() for kind, make in _foreign(TOUCHPOINTS).items()}}


def touchpoint_kinds() -> tuple[str, ...]:
    """Return the kinds of touchpoints without loading any."""
    return tuple(sorted({*TOUCHPOINT_KINDS, *SERVERS, *(point.name for point in entry_points(group=TOUCHPOINTS))}))


def notifiers() -> Mapping[str, Any]:
    """Return the kinds of channels by name: the dataclass of each. Raises ConfigError."""
    return {**NOTIFIERS, **_foreign(NOTIFIER_GROUP)}


@cache  # what is installed does not change while we run, and to look it up reads the metadata of every distribution
def _foreign(group: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            found[point.name] = point.load()
        except Exception as error:
            raise ConfigError(
                f"the {group} entry point {point.name!r} ({point.value}) cannot be loaded: {error}"
            ) from error
    return found
