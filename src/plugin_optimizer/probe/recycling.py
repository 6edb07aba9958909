"""A worker that ends after so many requests, so that what leaks inside it is given back."""

import os

from . import registry
from .report import KnobReport
from .server import leave_gracefully
from .tunable import Tunable

_MOST = 1_000_000
_SPREAD = 0.1  # of the limit, both ways: workers begun together must not leave together
_MIXED = 2_654_435_761  # Knuth's multiplicative hash: neighbouring pids fall far apart
_MODULUS = 1 << 32


class Recycling:
    """The knob `max_requests` of a gunicorn worker; 0 is never.

    Counts from the start of the worker or from when the limit was set, whichever is later: a limit that all
    workers have passed already must not end all of them at once.
    """

    def __init__(self, probe: registry.Probe) -> None:
        shown = KnobReport("max_requests", 0, 0, _MOST, (), "requests", "max_requests", 1, persistent=True)
        self._probe = probe
        self._pid = self._leaving_pid = 0
        self._last_request = 0
        self._knob = Tunable(shown, 0, self._count_from_now)
        probe.declare(self._knob)

    def after_request(self, number: int) -> None:
        """Leave if this request, the `number`-th of the process, was the last one."""
        limit = self._knob.value
        if not limit:
            return
        pid = os.getpid()
        if pid != self._pid:  # a forked worker counts from its own start
            self._pid, self._last_request = pid, spread(limit, pid)
        if number >= self._last_request and self._leaving_pid != pid:
            self._leaving_pid = pid
            leave_gracefully()

    def _count_from_now(self, limit: int) -> None:
        self._pid = os.getpid()
        self._last_request = self._probe.served_count + spread(limit, self._pid)


def spread(limit: int, pid: int) -> int:
    """Return the limit moved by up to 10 %, always the same way for one process; at least 1."""
    fraction = pid * _MIXED % _MODULUS / _MODULUS
    return max(1, round(limit * (1 + _SPREAD * (2 * fraction - 1))))
