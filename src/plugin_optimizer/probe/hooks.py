"""Hooks of pluggy: each call of a plugin's implementation leaves a record, as a request does."""

import logging
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, thread_time, time
from typing import Any, TypeVar

from . import registry, worker
from .contexts import Contexts
from .fingerprint import Fingerprints
from .places import plugin_name
from .server import threads_are_requests
from .stacks import name_hook

M = TypeVar("M")

_log = logging.getLogger("plugin_optimizer.probe")

_NAN = float("nan")
_SERVED, _FAILED = 200, 500
_KIND = "HOOK"  # stands where a request has its method
_OURS = "_plugin_optimizer_timed"


def instrument_hooks(manager: M, host: str | None = None, home: Path | None = None) -> M:
    """Record every call of a hook of this `pluggy.PluginManager`, by the plugin that implements it; return the manager.

    Each plugin is then one of the optimizer's, `<host>.hooks.<plugin>`; `host` is by default the instrumented application
    of this process. What registers later is recorded, too. Hook wrappers are left alone: they enclose the others, whose
    time would count twice. Whatever goes wrong in here later, hooks are called as if nothing had been done to them.
    """
    hooks = _Hooks(host, home)
    _wrap_all(manager, hooks)
    manager_: Any = manager
    register = manager_.register

    def registering(*given: object, **named: object) -> object:
        answer = register(*given, **named)
        _wrap_all(manager, hooks)
        return answer

    manager_.register = registering
    return manager


class _Hooks:
    """The recorders of one manager's plugins, by name."""

    def __init__(self, host: str | None, home: Path | None) -> None:
        self._host = host
        self._home = home
        self._recorders: dict[str, _Recorder] = {}

    def of(self, plugin: str) -> "_Recorder":
        found = self._recorders.get(plugin)
        if found is None:
            host = self._host or registry.default().plugin or "python"
            probe = registry.named(plugin_name(f"{host}.hooks.{plugin}"), self._home)
            found = self._recorders[plugin] = _Recorder(probe)
        return found


class _Recorder:
    """Writes the calls of one plugin's implementations."""

    def __init__(self, probe: registry.Probe) -> None:
        self._probe = probe
        self.plugin = probe.plugin or ""
        self._contexts = Contexts((), probe.journal.context)
        self._fingerprints = Fingerprints()
        self._own_threads = True

    def prepare(self) -> None:
        """Make this process ready, at its first call. Raises nothing that the call should know of."""
        if not self._probe.prepared:
            self._own_threads = threads_are_requests()
            worker.prepare(self._probe)

    def note(self, hook: str, began: tuple[float, float, float], error: BaseException | None) -> None:
        """Record one call that has ended. Never raises."""
        try:
            self._record(hook, *began, error)
        except Exception:  # noqa: BLE001 - our own faults must not reach the caller
            self._probe.dropped_count += 1

    def _record(self, hook: str, at: float, began: float, cpu: float, error: BaseException | None) -> None:
        """The wait for a core is not told: a request around this call measures it, and two cannot at a time."""
        wall = perf_counter() - began
        used = thread_time() - cpu if self._own_threads else _NAN
        fingerprint = 0
        if isinstance(error, Exception):
            kind = self._fingerprints.of(error)
            fingerprint = kind.fingerprint
            self._probe.journal.error(kind, error, at)
        context = self._contexts.of({"REQUEST_METHOD": _KIND}, hook)
        status = _FAILED if fingerprint else _SERVED
        self._probe.record((at, _NAN, wall, used, _NAN, status, fingerprint, context), next(self._probe.served))


def _wrap_all(manager: Any, hooks: _Hooks) -> None:
    """Wrap what is not yet wrapped. Never raises: registering must go on."""
    try:
        for name, plugin in manager.list_name_plugin():
            for caller in manager.get_hookcallers(plugin) or ():
                for implementation in caller.get_hookimpls():
                    if implementation.plugin is plugin:
                        _wrap(implementation, str(caller.name), hooks, _shown(name, plugin))
    except Exception as error:  # noqa: BLE001 - our own faults must not reach whoever registers
        _log.warning("hooks are not recorded: %r", error)


def _shown(name: str, plugin: object) -> str:
    """Return its name; that of its module or class where pluggy made up a number."""
    return name if not name.isdigit() else str(getattr(plugin, "__name__", type(plugin).__name__))


def _wrap(implementation: Any, hook: str, hooks: _Hooks, plugin: str) -> None:
    encloses = getattr(implementation, "hookwrapper", False) or getattr(implementation, "wrapper", False)
    if encloses or hasattr(implementation.function, _OURS):
        return
    recorder = hooks.of(plugin)
    name_hook(implementation.function, recorder.plugin)
    implementation.function = _timed(implementation.function, hook, recorder)


def _timed(function: Callable[..., Any], hook: str, recorder: _Recorder) -> Callable[..., Any]:
    def timed(*given: Any) -> Any:
        try:
            recorder.prepare()
            began = (time(), perf_counter(), thread_time())
        except Exception:  # noqa: BLE001 - our own faults must not reach the caller
            return function(*given)
        try:
            answer = function(*given)
        except BaseException as error:
            recorder.note(hook, began, error)
            raise
        recorder.note(hook, began, None)
        return answer

    setattr(timed, _OURS, True)
    return timed
