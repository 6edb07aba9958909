"""One series looked at closely, from the command line."""

import re
import time

from cli.test_commands import Shell, shell, system
from web.small_system import SmallSystem
from web.test_drill import WITH_LIBRARIES, fill

__all__ = ["shell", "system"]  # fixtures


@WITH_LIBRARIES
def test_it_tells_the_levels_their_onsets_and_what_went_like_this_before(system: SmallSystem, shell: Shell) -> None:
    """Figures in the metric's unit; a time that is none is refused with what would have been right."""
    fill(system, time.time())
    said = shell("drill", "orders", "throughput_per_second", "--since", "23h").output
    assert "50/s" in said
    assert re.search(r"\+(29|30)(\.\d)?/s", said)
    assert "never in this time" in said
    assert "expected" in shell("drill", "orders", "throughput_per_second", "--since", "soon", code=2).output
