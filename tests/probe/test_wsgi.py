"""What `instrument` promises to the application and to the record."""

import io
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask, Response

from plugin_optimizer.domain import RequestTrace
from plugin_optimizer.monitor.probe_source import ProbeSource
from plugin_optimizer.probe import channel, instrument, registry
from plugin_optimizer.probe.wsgi import InstrumentedApp

Environ = dict[str, Any]


@pytest.fixture
def plugin(request: pytest.FixtureRequest) -> str:
    return channel.plugin_name(request.node.name[-60:])


def recorded(home: Path, plugin: str) -> RequestTrace:
    registry.named(plugin).turn()
    return ProbeSource(home).read(plugin)


def serve(app: Any, **environ: Any) -> bytes:
    """Serve one request as a WSGI server does: iterate, then close."""
    body = app({"REQUEST_METHOD": "GET", "PATH_INFO": "/", **environ}, lambda *_: None)
    try:
        return b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()


def plain(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"hello"]


def flask_app() -> Flask:
    app = Flask("shop")

    @app.get("/orders/<int:number>")
    def order(number: int) -> dict[str, int]:
        if number == 13:
            raise LookupError("no such order")
        return {"order": number}

    @app.get("/slow")
    def slow() -> Response:
        def parts() -> Iterator[bytes]:
            yield b"a"
            time.sleep(0.05)
            yield b"b"

        return Response(parts())

    return app


def test_a_server_that_ends_requests_in_another_thread_still_tells_their_cpu(tmp_path: Path, plugin: str) -> None:
    """From the second request on: the first one shows that it does so."""

    def busy(_environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.thread_time()
        while time.thread_time() - began < 0.01:
            pass
        return plain(_environ, start_response)

    app = instrument(busy, plugin=plugin, home=tmp_path)
    for _ in range(3):
        body: Any = app({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None)  # type: ignore[arg-type]
        other = threading.Thread(target=lambda ended: ended.close(), args=(body,))
        other.start()
        other.join()
    cpu = recorded(tmp_path, plugin).cpu
    assert np.isnan(cpu).tolist() == [True, False, False]
    assert cpu[1:] == pytest.approx([0.01, 0.01], abs=0.004)


def test_a_flask_app_stays_itself_and_every_request_is_recorded(tmp_path: Path, plugin: str) -> None:
    """The same object is returned; status, time and route of each request are on record."""
    app = flask_app()
    assert instrument(app, plugin=plugin, home=tmp_path) is app
    client = app.test_client()
    begin = time.time()
    for number in (1, 2, 3):
        with client.get(f"/orders/{number}") as answer:
            assert answer.json == {"order": number}
    with client.get("/nowhere"):
        pass
    trace = recorded(tmp_path, plugin)
    assert trace.status.tolist() == [200, 200, 200, 404]
    assert np.all((trace.arrival >= begin - 0.01) & (trace.arrival <= time.time()))
    assert np.all((trace.wall > 0) & (trace.cpu > 0) & (trace.cpu <= trace.wall + 0.005))
    assert np.all(np.isnan(trace.queue_wait))
    assert np.all(trace.error == 0)
    attributes = ProbeSource(tmp_path).attributes(plugin)
    routes = [dict(attributes[context].values)["route"] for context in trace.context.tolist()]
    assert routes == ["/orders/<int:number>"] * 3 + [""]


def test_an_exception_flask_answers_is_on_record_with_its_place(tmp_path: Path, plugin: str) -> None:
    """The client gets its 500, the record the fingerprint, the journal type, message and frames."""
    app = instrument(flask_app(), plugin=plugin, home=tmp_path)
    with app.test_client().get("/orders/13") as answer:
        assert answer.status_code == 500
    trace = recorded(tmp_path, plugin)
    (error,) = ProbeSource(tmp_path).errors(plugin)
    assert (trace.status.tolist(), trace.error.tolist()) == ([500], [error.fingerprint])
    assert (error.exception, error.message) == ("LookupError", "no such order")
    assert error.frames[-1] == "test_wsgi.py:flask_app.<locals>.order"


def test_the_wall_time_ends_with_the_last_byte(tmp_path: Path, plugin: str) -> None:
    """A streamed response counts until it was sent."""
    app = instrument(flask_app(), plugin=plugin, home=tmp_path)
    with app.test_client().get("/slow") as answer:
        assert answer.data == b"ab"
    trace = recorded(tmp_path, plugin)
    assert trace.wall[0] >= 0.05
    assert trace.cpu[0] < 0.05


def test_any_wsgi_callable_is_wrapped(tmp_path: Path, plugin: str) -> None:
    """Another callable is returned; the answer is the same, a list stays countable."""
    app = instrument(plain, plugin=plugin, home=tmp_path)
    assert isinstance(app, InstrumentedApp)
    assert serve(app) == b"hello"
    assert len(app({"REQUEST_METHOD": "GET"}, lambda *_: None)) == 1  # type: ignore[arg-type]
    assert recorded(tmp_path, plugin).status.tolist() == [200]


def test_an_exception_of_a_wsgi_app_passes_through_and_is_recorded(tmp_path: Path, plugin: str) -> None:
    """The server sees what the application raised, the record a 500."""

    def broken(_environ: Environ, _start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise LookupError("broken")

    with pytest.raises(LookupError):
        serve(instrument(broken, plugin=plugin, home=tmp_path))
    trace = recorded(tmp_path, plugin)
    assert trace.status.tolist() == [500]
    assert trace.error[0] != 0


def test_a_stream_that_breaks_is_an_error(tmp_path: Path, plugin: str) -> None:
    """The status line said 200, the client got half an answer: that is no success."""

    def half(_environ: Environ, start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"half"
        raise LookupError("the other half")

    with pytest.raises(LookupError):
        serve(instrument(half, plugin=plugin, home=tmp_path))
    trace = recorded(tmp_path, plugin)
    assert trace.status.tolist() == [500]
    assert trace.error[0] != 0


def test_a_file_is_still_sent_as_a_file(tmp_path: Path, plugin: str) -> None:
    """The server recognises its own file wrapper, and the request is recorded when that is closed."""

    class FileWrapper:
        def __init__(self, file: io.BytesIO) -> None:
            self.file = file
            self.close = file.close

        def __iter__(self) -> Iterator[bytes]:
            return iter(self.file)

    file = io.BytesIO(b"report")

    def download(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](file)  # type: ignore[no-any-return]

    app = instrument(download, plugin=plugin, home=tmp_path)
    body = app({"REQUEST_METHOD": "GET", "wsgi.file_wrapper": FileWrapper}, lambda *_: None)
    assert isinstance(body, FileWrapper)
    body.close()
    assert file.closed
    assert len(recorded(tmp_path, plugin)) == 1


def test_instrumenting_twice_records_once(tmp_path: Path, plugin: str) -> None:
    """A factory that is called again by accident does not double the figures."""
    app = flask_app()
    instrument(instrument(app, plugin=plugin, home=tmp_path), plugin=plugin, home=tmp_path)
    with app.test_client().get("/orders/1"):
        pass
    assert len(recorded(tmp_path, plugin)) == 1


def test_closing_twice_records_once(tmp_path: Path, plugin: str) -> None:
    """Servers and middleware may both close a response."""
    body = instrument(plain, plugin=plugin, home=tmp_path)({"REQUEST_METHOD": "GET"}, lambda *_: None)
    list(body)
    body.close()  # type: ignore[attr-defined]
    body.close()  # type: ignore[attr-defined]
    assert len(recorded(tmp_path, plugin)) == 1


def test_an_unwritable_home_does_not_touch_the_request(tmp_path: Path, plugin: str) -> None:
    """Nothing is recorded, everything is served, memory stays bounded."""
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    app = instrument(plain, plugin=plugin, home=blocked)
    for _ in range(20):
        assert serve(app) == b"hello"
    registry.named(plugin).turn()
    assert len(registry.named(plugin).pending) <= 20
    assert blocked.read_text() == "not a directory"


def test_a_strange_environ_does_not_touch_the_request(tmp_path: Path, plugin: str) -> None:
    """Whatever stands in the environ, the application is served."""
    app = instrument(plain, plugin=plugin, attributes=("channel",), home=tmp_path)
    strange = {"REQUEST_METHOD": 3, "QUERY_STRING": "channel=\ud800&" * 500, "gunicorn.socket": "no socket"}
    assert serve(app, **strange) == b"hello"
    assert serve(app) == b"hello"
    assert len(recorded(tmp_path, plugin)) >= 1


def test_deleted_files_come_back_and_nothing_is_counted_twice(tmp_path: Path, plugin: str) -> None:
    """Somebody clears the directory while the process runs."""
    app, source = instrument(plain, plugin=plugin, home=tmp_path), ProbeSource(tmp_path)
    serve(app)
    registry.named(plugin).turn()
    assert len(source.read(plugin)) == 1
    for path in (tmp_path / "plugins" / plugin / "processes").iterdir():
        path.unlink()
    serve(app)
    serve(app)
    registry.named(plugin).turn()
    assert len(source.read(plugin)) == 2
