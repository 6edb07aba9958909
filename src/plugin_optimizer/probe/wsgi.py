"""The one line an application needs: every request that passes leaves a record."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import get_ident
from time import perf_counter, thread_time, time
from typing import Any, TypeVar

from . import registry, worker
from .contexts import Contexts
from .fingerprint import Fingerprints
from .places import PLUGIN_VARIABLE
from .profiling import always_wanted
from .queue_wait import queue_wait_seconds
from .recycling import Recycling
from .server import threads_are_requests, under_gunicorn
from .thread_clock import begin_run_delay, end_run_delay

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]
A = TypeVar("A")

_ENVIRON_KEY = "plugin_optimizer.request"
_NAN = float("nan")
_FAILED = "500"
_OURS = "plugin_optimizer."


def instrument(
    app: A,
    plugin: str | None = None,
    attributes: tuple[str, ...] = (),
    home: Path | None = None,
    *,
    sampler: bool | None = None,
) -> A:
    """Record every request of `app`, and return it.

    A Flask application keeps its identity (its `wsgi_app` is wrapped); any other WSGI callable is returned wrapped.
    `plugin` names it: by default `$PLUGIN_OPTIMIZER_PLUGIN`, else the Flask application's name, else the module.
    `attributes` are names of query parameters or headers that tell kinds of requests apart. With `sampler`
    (by default `$PLUGIN_OPTIMIZER_SAMPLER`) the CPU of packages and plugins is sampled all the time, and not only when somebody asks.
    Whatever goes wrong in here later, the application is served as if nothing had been done to it.
    """
    flask_app = _is_flask(app)
    inner: Any = getattr(app, "wsgi_app", app) if flask_app else app
    if isinstance(inner, InstrumentedApp):
        return app
    probe = registry.adopt(plugin or os.environ.get(PLUGIN_VARIABLE) or _name_of(app), home)
    probe.sampler = always_wanted() if sampler is None else sampler
    wrapped: Any = InstrumentedApp(inner, probe, tuple(attributes))
    probe.synchronise()
    worker.ensure_running()
    if not flask_app:
        return wrapped  # type: ignore[no-any-return]
    app.wsgi_app = wrapped  # type: ignore[attr-defined]
    probe.blueprints = _blueprints(app, wrapped.contexts)
    _hear_exceptions(app)
    return app


class InstrumentedApp:
    """A WSGI application around another one."""

    def __init__(self, app: WsgiApp, probe: registry.Probe, attributes: tuple[str, ...]) -> None:
        self.app = app
        self.probe = probe
        self.contexts = Contexts(attributes, probe.journal.context)
        self.fingerprints = Fingerprints()
        self.recycling = Recycling(probe) if under_gunicorn() else None
        self.own_threads = True
        self.hands_over = False  # its server ends requests in other threads than those they are served in

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        try:
            if not self.probe.prepared:
                self.own_threads = threads_are_requests()
                worker.prepare(self.probe)
            request = environ[_ENVIRON_KEY] = _Request(self, environ, start_response)
        except Exception:  # noqa: BLE001 - our own faults must not reach the request
            return self.app(environ, start_response)
        try:
            body = self.app(environ, request.start)
        except BaseException as error:
            request.failed(error)
            request.finish()
            raise
        if self.hands_over:
            request.served()
        return _closing(body, environ, request)


class _Request:
    """One request on its way through this process."""

    __slots__ = (
        "app",
        "arrival",
        "began",
        "blueprint",
        "cpu",
        "environ",
        "error",
        "queue_wait",
        "route",
        "start_response",
        "status",
        "thread",
        "used",
    )

    def __init__(self, app: InstrumentedApp, environ: Environ, start_response: Any) -> None:
        now = time()
        self.began = perf_counter()
        self.app = app
        self.start_response = start_response
        self.environ: Environ | None = environ
        queue_wait = self.queue_wait = queue_wait_seconds(environ, now)
        self.arrival = now - queue_wait if queue_wait == queue_wait else now
        self.route = self.blueprint = self.status = ""
        self.error = 0
        self.thread = get_ident() if app.own_threads else 0
        self.used = _NAN
        begin_run_delay(now)
        self.cpu = thread_time()
        app.probe.requests.begin(self.thread, self)

    def start(self, status: str, *rest: Any) -> Any:
        """Stand in for the server's `start_response`. Flask still knows here which rule matched, later no more."""
        self.status = status
        if self.environ is not None:
            rule = getattr(self.environ.get("werkzeug.request"), "url_rule", None)
            self.route = str(getattr(rule, "rule", ""))
            self.blueprint = _blueprint_of(rule)
        return self.start_response(status, *rest)

    def part(self) -> str:
        """Return the Blueprint that serves it, as far as it is known yet."""
        environ = self.environ
        if self.blueprint or environ is None:
            return self.blueprint
        return _blueprint_of(getattr(environ.get("werkzeug.request"), "url_rule", None))

    def failed(self, error: BaseException) -> None:
        """Note the exception that ended this request. Never raises."""
        if self.error:
            return
        self.status = _FAILED
        try:
            kind = self.app.fingerprints.of(error)
            self.error = kind.fingerprint
            self.app.probe.journal.error(kind, error, time(), self.blueprint)
        except Exception:  # noqa: BLE001 - our own faults must not reach the request
            self.error = self.error or 1

    def served(self) -> None:
        """Note what serving took of this thread: another one will end the request (Tornado's executor, for one)."""
        if self.thread == get_ident():
            self.used = thread_time() - self.cpu

    def finish(self) -> None:
        """Write the record, once. Never raises."""
        environ, self.environ = self.environ, None
        if environ is None:
            return
        current = self.app.probe.requests.leave(self.thread, self)
        try:
            self._record(environ, current)
        except Exception:  # noqa: BLE001 - our own faults must not reach the request
            self.app.probe.dropped_count += 1

    def _record(self, environ: Environ, current: bool) -> None:
        app = self.app
        wall = perf_counter() - self.began
        cpu = run_delay = _NAN
        if self.thread == get_ident():
            cpu = thread_time() - self.cpu
            run_delay = end_run_delay(wall - cpu)
        elif self.thread:
            app.hands_over, cpu = True, self.used
        if current and app.probe.requests.listeners and cpu == cpu:
            app.probe.requests.ended(self.thread, self.blueprint, self.cpu, cpu)
        number = next(app.probe.served)
        context = app.contexts.of(environ, self.route, self.blueprint)
        status = int((self.status or _FAILED)[:3])
        app.probe.record((self.arrival, self.queue_wait, wall, cpu, run_delay, status, self.error, context), number)
        if app.recycling is not None:
            app.recycling.after_request(number)


class _Body:
    """A response that tells when it has been sent (WSGI servers close it then), and when producing it failed."""

    __slots__ = ("_body", "_request")

    def __init__(self, body: Iterable[bytes], request: _Request) -> None:
        self._body = body
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._body
        except Exception as error:
            self._request.failed(error)
            raise

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._request.finish()


class _SizedBody(_Body):
    """A response in a known number of parts: servers derive Content-Length from one part."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(self._body)  # type: ignore[arg-type]


def _closing(body: Iterable[bytes], environ: Environ, request: _Request) -> Iterable[bytes]:
    """Return the body so that its `close` finishes the request; a file stays what it is, for sendfile."""
    file_wrapper = environ.get("wsgi.file_wrapper")
    if isinstance(file_wrapper, type) and isinstance(body, file_wrapper) and _close_also(body, request):
        return body
    return (_SizedBody if isinstance(body, list | tuple) else _Body)(body, request)


def _close_also(body: Any, request: _Request) -> bool:
    inner = getattr(body, "close", None)

    def close() -> None:
        try:
            if inner is not None:
                inner()
        finally:
            request.finish()

    try:
        body.close = close
    except (AttributeError, TypeError):
        return False
    return True


def _blueprint_of(rule: object) -> str:
    """Return the name of the Blueprint a rule belongs to: what stands before the last dot of its endpoint, as Flask reads it."""
    return str(getattr(rule, "endpoint", "") or "").rpartition(".")[0]


def _blueprints(app: Any, contexts: Contexts) -> Callable[[], dict[str, bool]]:
    """Return what tells the Blueprints of a Flask application, ours left out, and whether each has served a request."""

    def tell() -> dict[str, bool]:
        found = {name: str(getattr(each, "import_name", "")) for name, each in dict(app.blueprints).items()}
        return {name: name in contexts.blueprints for name, module in found.items() if not module.startswith(_OURS)}

    return tell


def _is_flask(app: object) -> bool:
    flask = sys.modules.get("flask")
    return flask is not None and isinstance(app, flask.Flask)


def _name_of(app: object) -> str:
    return str(getattr(app, "name", None) or getattr(app, "__module__", None) or type(app).__module__)


def _hear_exceptions(app: Any) -> None:
    """Flask answers exceptions itself, before WSGI could see them; its signal tells of them."""
    from flask import got_request_exception, request

    def heard(_sender: object, exception: BaseException, **_: object) -> None:
        record = request.environ.get(_ENVIRON_KEY)
        if isinstance(record, _Request):
            record.blueprint = _blueprint_of(request.url_rule)
            record.failed(exception)

    try:
        got_request_exception.connect(heard, app, weak=False)
    except RuntimeError:  # an old Flask without blinker has no signals: errors are counted by status alone
        return
