"""Which uvicorn on this host is which plugin, and how it was set up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...domain import InvalidValue, plugin_id_from
from ..gunicorn.process import Master
from .process import option

DEFAULT_PORT = "8000"
_APP = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\(\))?")
_SAYS_NOTHING = frozenset({"main", "app", "asgi", "server", "application", "wsgi", "api", "src"})


@dataclass(frozen=True, slots=True)
class UvicornSettings:
    """What its command line and environment say. Each worker loads the application anew (`preload` is never on)."""

    app: str
    bind: str
    preload: bool = False
    config_path: Path | None = None
    slots_per_worker: int = 1  # the core that its event loop runs on


@dataclass(frozen=True, slots=True)
class UvicornService:
    """A running uvicorn. `probe_name` is the plugin its workers' probes report, '' where there is no probe."""

    master: Master
    settings: UvicornSettings
    probe_name: str = ""

    @property
    def address(self) -> Mapping[str, str]:
        return {
            "app": self.settings.app,
            "bind": self.settings.bind,
            "cwd": str(self.master.directory or ""),
            "pid": str(self.master.pid),
        }

    @property
    def order(self) -> tuple[str, int]:
        return self.settings.bind, self.master.pid

    @property
    def base_id(self) -> str:
        """Return the plugin id it asks for: its probe's, else its application's module, else its directory."""
        module = self.settings.app.partition(":")[0]
        named = [part for part in module.split(".") if part not in _SAYS_NOTHING]
        directory = self.master.directory.name if self.master.directory is not None else ""
        for text in (self.probe_name, ".".join(named), directory):
            try:
                return plugin_id_from(text)
            except InvalidValue:
                continue
        return f"uvicorn-{self.master.pid}"


def service_of(master: Master, probe_name: str = "") -> UvicornService:
    arguments = master.invocation.arguments or ()
    app = next((word for word in arguments if _APP.fullmatch(word)), master.environment.get("UVICORN_APP", ""))
    host = option(master, "host") or "127.0.0.1"
    bind = option(master, "uds") or f"{host}:{option(master, 'port') or DEFAULT_PORT}"
    return UvicornService(master, UvicornSettings(app, bind), probe_name)
