"""Plug-ins by name: the built-in ones and those other packages bring by entry points."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from .analyze import DETECTORS
from .contracts import Detector, Planner
from .domain import ConfigError
from .plan import PLANNERS

GROUPS = ("plugin_optimizer.detectors", "plugin_optimizer.planners", "plugin_optimizer.touchpoints")


def detectors() -> tuple[Detector, ...]:
    """Return every detector, in a fixed order. Raises ConfigError for an entry point that cannot be loaded."""
    return tuple(make() for make in {**DETECTORS, **_foreign("plugin_optimizer.detectors")}.values())


def planners() -> tuple[Planner, ...]:
    """Return every planner, in a fixed order. Raises ConfigError for an entry point that cannot be loaded."""
    return tuple(make() for make in {**PLANNERS, **_foreign("plugin_optimizer.planners")}.values())


def foreign_touchpoints() -> Mapping[str, Any]:
    """Return the touchpoint factories that other packages bring, by kind."""
    return _foreign("plugin_optimizer.touchpoints")


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
