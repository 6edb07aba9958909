"""What the probes of this host recorded, to be read beside a running engine; nothing is written or taken away."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..config import Config
from ..domain import Attributes, CacheTrace
from ..knowledge.recordings import RecordedPast, open_recorded_past
from ..monitor.inside import InsideSource
from ..monitor.probe_source import ProbeSource
from ..probe.channel import home as default_home

FLUSH_SECONDS = 60.0  # requests of the last minute may not be on record yet


@dataclass(frozen=True, slots=True)
class Recorded:
    """The recordings of one configuration. Any process of the host can read them."""

    config: Config

    @property
    def kept(self) -> bool:
        """Tell whether requests are recorded at all."""
        return self.config.engine.recording_megabytes > 0

    @contextlib.contextmanager
    def requests(self) -> Iterator[RecordedPast]:
        past = open_recorded_past(self.config.state_dir / "requests.db")
        try:
            yield past
        finally:
            past.close()

    def caches(self, plugin_id: str) -> Sequence[CacheTrace]:
        return self._probes().caches(plugin_id)

    def attributes(self, plugin_id: str) -> Mapping[int, Attributes]:
        return self._probes().attributes(plugin_id)

    def _probes(self) -> InsideSource:
        return InsideSource(ProbeSource(self.config.home or default_home()))
