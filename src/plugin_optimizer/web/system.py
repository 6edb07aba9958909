"""What the web layer needs of the running product; any process of the host can answer from the stores."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ..config import Config
from ..contracts import Inbox, SampleStore, StateStore, Touchpoint
from ..domain import ErrorGroup, Knob, Policies, Pool


class Runs(Protocol):
    """The part of the runner that the web layer may touch."""

    @property
    def active(self) -> bool:
        """Tell whether this very process runs the turns."""
        ...

    def start(self) -> None: ...
    def stop(self) -> None: ...


class SystemLike(Protocol):
    """A built system: stores, configuration and the runner of this process."""

    @property
    def config(self) -> Config: ...
    @property
    def state(self) -> StateStore: ...
    @property
    def samples(self) -> SampleStore: ...
    @property
    def inbox(self) -> Inbox:
        """Return where figures that others send wait for the loop."""
        ...

    @property
    def touchpoints(self) -> Mapping[str, Touchpoint]:
        """Return what looks at plugins, by kind."""
        ...

    @property
    def runner(self) -> Runs: ...
    def policies(self) -> Policies:
        """Return the configured policies with the stored overrides laid over them."""
        ...

    def knobs(self, plugin_id: str) -> Sequence[Knob]:
        """Return the knobs as observed now; empty where nothing can be read. Raises NotFound."""
        ...

    def pool(self, plugin_id: str) -> Pool | None:
        """Return how it serves requests now; None where that makes no sense or cannot be read. Raises NotFound."""
        ...

    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]:
        """Return the error groups the probe recorded; empty where there is no probe."""
        ...

    def close(self) -> None:
        """Stop the runner and close the stores; they open again when they are used."""
        ...


SystemProvider = Callable[[], SystemLike]
