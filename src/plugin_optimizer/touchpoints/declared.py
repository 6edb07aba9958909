"""What touchpoints share whose plugins have no workers of their own to turn: the knobs that the application declared."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from ..domain import Knob, Plugin, Pool, Value
from ..probe import channel
from .probed import process_keys
from .tunables import named, tunable_knobs, turn_tunable


class DeclaredKnobs(ABC):
    """Half a touchpoint: `home` is where the probes' channel lives, `present` says in which processes a plugin runs."""

    home: Path

    @abstractmethod
    def present(self, plugin: Plugin) -> Sequence[channel.Report]:
        """Return what its live processes report, one at least. Raises Gone, Unobservable."""

    def pool(self, plugin: Plugin) -> Pool | None:
        """Return None: how many requests are served at a time is its host's affair, or its server's. Raises Gone, Unobservable."""
        self.present(plugin)
        return None

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return what was declared for it. Raises Gone, Unobservable."""
        return tunable_knobs(self.home, plugin, process_keys(self.present(plugin)))

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Order `to` for all processes. Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable."""
        turn_tunable(self.home, plugin, knob, named(self.knobs(plugin), plugin, knob).checked(to))

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Tell whether it stays by itself: what is ordered is kept in the channel. Raises NotFound, InvalidValue, Gone."""
        found = named(self.knobs(plugin), plugin, knob)
        found.checked(to)
        return found.persistent
