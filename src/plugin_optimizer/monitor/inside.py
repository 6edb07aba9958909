"""The Blueprints of a Flask application as plugins of their own: each request of the host is theirs, too."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..domain import Attributes, CacheTrace, ErrorGroup, InvalidValue, RequestTrace, inside_id
from ..models.inside_host import BLUEPRINT
from .probe_source import ProbeSource

LONGEST_WAIT_SECONDS = 120.0  # requests that nobody asks for are not kept longer


@dataclass(slots=True)
class InsideSource:
    """The probes of a host, and in them the parts of each application. A `RequestSource` like the one it is made of.

    A part is called `<host>.<Blueprint>` (`inside_id`). Reading the host or any of its parts reads all of them once, and deals the
    requests out; they wait here until they are asked for. Thread-safe.
    """

    probes: ProbeSource
    _waiting: dict[str, list[RequestTrace]] = field(default_factory=dict, init=False)
    _parts: dict[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    def plugins(self) -> Sequence[str]:
        """Return the plugins a probe has written for, and the parts of them that have served requests, sorted."""
        hosts = self.probes.plugins()
        return sorted({*hosts, *(part for host in hosts for part in self.parts(host))})

    def parts(self, host: str) -> Mapping[str, str]:
        """Return the name of each Blueprint that has served requests of this plugin, by the identifier it has as a plugin."""
        attributes = self.probes.attributes(host)
        with self._lock:
            known, parts = self._parts.get(host, (-1, {}))
            if known != len(attributes):
                parts = _parts(host, attributes)
                self._parts[host] = (len(attributes), parts)
            return parts

    def read(self, plugin_id: str) -> RequestTrace:
        """Return the requests of a plugin, or of one part of it, that came since the last call."""
        with self._lock:
            host, blueprint = self._place(plugin_id)
            if not blueprint:
                own = self._pull(plugin_id)
                return RequestTrace.merge(*self._waiting.pop(plugin_id, ()), own)
            trace = self._pull(host)
            if len(trace):
                self._wait(host, trace)
            return RequestTrace.merge(*self._waiting.pop(plugin_id, ()))

    def caches(self, plugin_id: str) -> Sequence[CacheTrace]:
        return self.probes.caches(plugin_id)

    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]:
        host, blueprint = self._place(plugin_id)
        return self.probes.errors_inside(host, blueprint) if blueprint else self.probes.errors(plugin_id)

    def attributes(self, plugin_id: str) -> Mapping[int, Attributes]:
        host, blueprint = self._place(plugin_id)
        found = self.probes.attributes(host)
        return {n: each for n, each in found.items() if _blueprint_of(each) == blueprint} if blueprint else found

    def _place(self, plugin_id: str) -> tuple[str, str]:
        """Return the host and the Blueprint that an identifier stands for; itself and '' where it is no part of another."""
        hosts, host = self.probes.plugins(), plugin_id
        while "." in host:
            host = host.rpartition(".")[0]
            if host in hosts and (blueprint := self.parts(host).get(plugin_id)):
                return host, blueprint
        return plugin_id, ""

    def _pull(self, host: str) -> RequestTrace:
        """Read what came to a host, and lay each part's share aside for it."""
        trace = self.probes.read(host)
        parts = self.parts(host)
        if len(trace) and parts:
            attributes = self.probes.attributes(host)
            for part, blueprint in parts.items():
                own = [number for number, each in attributes.items() if _blueprint_of(each) == blueprint]
                share = trace.where(np.isin(trace.context, own))
                if len(share):
                    self._wait(part, share)
        return trace

    def _wait(self, plugin_id: str, trace: RequestTrace) -> None:
        waiting = self._waiting.setdefault(plugin_id, [])
        oldest = float(trace.end.max()) - LONGEST_WAIT_SECONDS
        waiting[:] = [each for each in waiting if float(each.end.max()) >= oldest]
        waiting.append(trace)


def _parts(host: str, attributes: Mapping[int, Attributes]) -> Mapping[str, str]:
    parts: dict[str, str] = {}
    for blueprint in sorted({_blueprint_of(each) for each in attributes.values()} - {""}):
        try:
            parts.setdefault(inside_id(host, blueprint), blueprint)
        except InvalidValue:
            continue  # a name without a letter or digit cannot be shown
    return parts


def _blueprint_of(attributes: Attributes) -> str:
    return dict(attributes.values).get(BLUEPRINT, "")
