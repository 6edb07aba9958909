"""A setting of the application that may be turned while it runs, in every one of its processes."""

import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Literal, TypeVar, cast

from . import registry, worker
from .report import KnobReport
from .settings import Settings, Value

V = TypeVar("V", bound=Value)
Kind = Literal["workers", "cache_size", "max_requests", "setting", "performance"]

_log = logging.getLogger("plugin_optimizer.probe")


class Tunable(Generic[V]):
    """One knob. Read `value` wherever it is needed: it is an attribute, not a lookup.

    A value from the settings file wins over the declared one; what the application `set`s later wins until
    a newer setting arrives. `on_change` is called with the new value, from a background thread or from
    `set`; if it raises, the knob keeps the value it had.
    """

    def __init__(self, report: KnobReport, value: V, on_change: Callable[[V], None] | None) -> None:
        self.name = report.name
        self._report = report
        self._own = self._value = value
        self._type: type[object] = type(value)
        self._on_change = on_change
        self._followed_version = 0

    @property
    def value(self) -> V:
        return self._value

    def set(self, value: V) -> None:
        """Make the application's own change. Raises ValueError for what the knob does not take."""
        self._own = self._checked(value)
        self._take(self._own)

    def follow(self, settings: Settings) -> bool:
        """Take over what is set, unless that was done already; return whether anything was new. Never raises."""
        version = settings.versions.get(self.name, 0)
        if version == self._followed_version:
            return False
        self._followed_version = version
        try:
            self._take(self._checked(settings.values[self.name]) if version else self._own)
        except Exception as error:  # noqa: BLE001 - on_change is the application's; what it raises must not end our thread
            _log.warning("%s keeps %r: %s", self.name, self._value, error)
        return True

    def report(self) -> KnobReport:
        shown = self._report
        return KnobReport(
            self.name,
            self._value,
            shown.minimum,
            shown.maximum,
            shown.choices,
            shown.unit,
            shown.kind,
            shown.step,
            shown.persistent,
        )

    def _take(self, value: V) -> None:
        before, self._value = self._value, value
        if value == before or self._on_change is None:
            return
        try:
            self._on_change(value)
        except BaseException:
            self._value = before
            raise

    def _checked(self, value: object) -> V:
        """Return the value as this knob's own type; raise ValueError saying what would fit."""
        if self._type is int and isinstance(value, float) and value.is_integer():
            value = int(value)
        if self._type is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not self._type:
            raise ValueError(f"{self.name} takes {self._type.__name__}, not {value!r}")
        self._check_bounds(value)
        return cast("V", value)

    def _check_bounds(self, value: object) -> None:
        shown = self._report
        if shown.choices and value not in shown.choices:
            raise ValueError(f"{self.name} takes one of {', '.join(shown.choices)}, not {value!r}")
        if not isinstance(value, int | float):
            return
        low = -math.inf if shown.minimum is None else shown.minimum
        high = math.inf if shown.maximum is None else shown.maximum
        if not low <= value <= high or not math.isfinite(value):
            raise ValueError(f"{self.name} takes {low:g} to {high:g}, not {value!r}")


def tunable(
    name: str,
    value: V,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    unit: str = "",
    kind: Kind = "setting",
    step: float = 1,
    on_change: Callable[[V], None] | None = None,
    plugin: str | None = None,
    home: Path | None = None,
) -> Tunable[V]:
    """Declare a knob and return it, already holding what was set for this plugin.

    Without `plugin` it belongs to `$PLUGIN_OPTIMIZER_PLUGIN` or else to the first application that is instrumented
    in this process. A second declaration of a name replaces the first. `kind="performance"` says that the knob moves
    how fast the application answers and never what: within its bounds the engine may then suggest experiments with it.
    Raises ValueError if `value` does not fit its own bounds.
    """
    shown = KnobReport(name, value, minimum, maximum, tuple(choices), unit, kind, step, persistent=True)
    knob = Tunable(shown, value, on_change)
    knob._checked(value)  # noqa: SLF001 - its own factory
    probe = registry.default() if plugin is None else registry.named(plugin, home)
    probe.declare(knob)
    worker.ensure_running()
    return knob
