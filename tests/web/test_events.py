"""The event stream: a number whenever something changed."""

from flask import Flask
from web.conftest import BASE, Api
from web.small_system import SmallSystem, offer

from plugin_optimizer.web.resources.events import STREAMS


def next_event(chunks) -> str:  # type: ignore[no-untyped-def]
    return next(text for chunk in chunks if "event:" in (text := chunk.decode()))


def test_a_change_is_told(app: Flask, system: SmallSystem, viewer: Api) -> None:
    """The present version first, whatever Last-Event-ID says; then the next one when something is written."""
    answer = viewer.get("/events", headers={"Last-Event-ID": "'; drop table"}, buffered=False)
    assert answer.mimetype == "text/event-stream"
    chunks = iter(answer.response)
    assert f'"version":{system.state.version()}' in next_event(chunks)
    offer(system)
    assert f'"version":{system.state.version()}' in next_event(chunks)
    answer.close()
    assert STREAMS.count == 0


def test_streams_leave_threads_for_the_rest(app: Flask, viewer: Api) -> None:
    """Half of the threads may be streams; the next one is 503 with Retry-After, and room is given back."""
    open_streams = [viewer.get("/events") for _ in range(2)]
    refused = viewer.get("/events")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "15")
    for answer in open_streams:
        answer.close()
    viewer.get("/events").close()
    assert STREAMS.count == 0


def test_nobody_takes_no_place(app: Flask) -> None:
    """A refused caller does not hold a stream."""
    assert app.test_client().get(f"{BASE}/events").status_code == 401
    assert STREAMS.count == 0
