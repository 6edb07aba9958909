"""Who may send figures, of which plugins, and how much: decided by the configuration and the token, not by what is sent."""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence

from ..contracts import Allowance, Parcel
from ..monitor.reported.meaning import mapped_from
from ..monitor.reported.otlp import Sender
from ..monitor.reported.points import Point, packed
from .problem import Problem
from .route import Call

AT_ONCE = 8  # requests of a process whose bodies are read and decoded at a time
BURST_SECONDS = 10.0
OF_ALL = 10.0  # times what one plugin may send
_places = threading.BoundedSemaphore(AT_ONCE)


def senders_of(call: Call) -> Mapping[str, Sender]:
    """Return the plugins that the caller may send for. Raises Problem 404 where there are none.

    A token speaks for the plugins whose configuration names it. Where nobody has to log in, this machine speaks for
    all that have a table `metrics`.
    """
    every = call.system.config.metrics
    local = call.token is None and not call.person
    found = {
        plugin_id: Sender(settings, mapped_from(settings.names, plugin_id))
        for plugin_id, settings in every.items()
        if local or (call.token is not None and settings.token == call.token)
    }
    if not found:
        who = f"the token {call.token!r}" if call.token else "a session"
        raise Problem(
            404,
            "sends_for_no_plugin",
            f"{who} may send for no plugin; name a token in [plugins.NAME.metrics] token = …",
        )
    return found


@contextlib.contextmanager
def admission(call: Call) -> Iterator[None]:
    """Hold a place for one request; what is refused within is counted. Raises Problem 429 or 503 with Retry-After."""
    sender = call.token or call.actor
    try:
        _refuse_hasty(call, sender)
        if not _places.acquire(blocking=False):
            raise _later(503, "senders_busy", f"{AT_ONCE} requests are being read already", 1.0)
        try:
            yield
        finally:
            _places.release()
    except Problem as problem:
        call.system.inbox.note(problem.code, sender, 1, call.now)
        raise


def keep(call: Call, points: Mapping[str, Sequence[Point]]) -> None:
    """Leave points where the loop finds them. Raises Problem 429 where it is too much, 503 where too much waits."""
    limits, inbox = call.system.config.metrics_in, call.system.inbox
    amounts = {plugin_id: len(found) for plugin_id, found in points.items() if found}
    allowances = [
        (Allowance(f"plugin {plugin_id}", limits.points_per_second, BURST_SECONDS * limits.points_per_second), amount)
        for plugin_id, amount in amounts.items()
    ]
    of_all = OF_ALL * limits.points_per_second
    allowances.append((Allowance("all", of_all, BURST_SECONDS * of_all), sum(amounts.values())))
    for allowance, amount in allowances:
        if wait := inbox.wait_seconds(allowance, amount, call.now):
            raise _later(
                429, "too_many_points", f"{amount} points are more than {allowance.per_second:g} a second", wait
            )
    parcels = [Parcel(plugin_id, call.now, packed(points[plugin_id])) for plugin_id in amounts]
    if not inbox.put(parcels):
        raise _later(503, "inbox_full", "what was sent before still waits: does the engine turn?", 30.0)


def _refuse_hasty(call: Call, sender: str) -> None:
    limits = call.system.config.metrics_in
    if not limits.enabled:
        raise Problem(404, "metrics_in_off", "figures are not taken in; see metrics_in.enabled in the configuration")
    allowance = Allowance(f"token {sender}", limits.requests_per_second, limits.requests_at_once)
    if wait := call.system.inbox.wait_seconds(allowance, 1.0, call.now):
        raise _later(
            429, "too_many_requests", f"a token may send {limits.requests_per_second:g} requests a second", wait
        )


def _later(status: int, code: str, detail: str, seconds: float) -> Problem:
    return Problem(status, code, detail, {"Retry-After": str(max(1, round(seconds)))})
