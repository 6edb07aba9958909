"""What the authors of plugins import: one line to record requests, knobs, and a cache that can be resized.

    from plugin_optimizer.probe import TunableCache, instrument, tunable

Light (standard library; Flask only where the application is one), safe under forks and threads, and never in the way of
a request: without an engine, without a writable home, it does nothing.
"""

from .cache import TunableCache
from .hooks import instrument_hooks
from .tunable import Tunable, tunable
from .wsgi import instrument

__all__ = ["Tunable", "TunableCache", "instrument", "instrument_hooks", "tunable"]
