"""Which servers that were found here answer us: one that wants a password we were not given is nobody's plugin yet."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..domain import OptimizerError, Plugin

AGAIN_SECONDS = 60.0  # until one that did not answer is asked again


@dataclass(slots=True)
class Acquaintance:
    """Remembers who has answered; who does not is asked again after a minute."""

    answered: set[str] = field(default_factory=set)  # addresses
    refused: dict[str, tuple[float, str]] = field(default_factory=dict)
    steady: Callable[[], float] = time.monotonic

    def trouble(self, plugin: Plugin, greet: Callable[[Plugin], object]) -> str:
        """Return why it does not answer, "" if it does or once did: that it is gone is then for its sensors to say."""
        url = plugin.address.get("url", "")
        if url in self.answered:
            return ""
        since, why = self.refused.get(url, (-AGAIN_SECONDS, ""))
        if self.steady() - since < AGAIN_SECONDS and why:
            return why
        try:
            greet(plugin)
        except OptimizerError as error:
            self.refused[url] = (self.steady(), str(error))
            return str(error)
        self.refused.pop(url, None)
        self.answered.add(url)
        return ""
