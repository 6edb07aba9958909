"""A uWSGI that was found: how it is called, and where it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from ...domain import InvalidValue, plugin_id_from
from ..gunicorn.process import Master
from .settings import UwsgiSettings
from .stats import HTTP

_SAYS_NOTHING = frozenset({"main", "app", "wsgi", "application", "uwsgi", "server", "api", "src", "web"})


@dataclass(frozen=True, slots=True)
class UwsgiService:
    """A running uWSGI. `probe_name` is the plugin that its workers' probes report, '' where there is no probe; `listens` is its first
    TCP address, looked up where it was not told where to listen.
    """

    master: Master
    settings: UwsgiSettings
    probe_name: str = ""
    listens: str = ""

    @property
    def address(self) -> Mapping[str, str]:
        return {
            "app": self.settings.app,
            "bind": self.bind,
            "cwd": str(self.master.directory or ""),
            "pid": str(self.master.pid),
        }

    @property
    def bind(self) -> str:
        """Return where it listens: what it was told, else what the kernel says of it; '' where neither tells."""
        return self.settings.bind or self.listens

    @property
    def base_id(self) -> str:
        """Return the plugin id it asks for: its probe's, else its module's, its ini file's or its directory's."""
        module = self.settings.app.partition(":")[0].removesuffix(".py")
        named = [part for part in PurePath(module).name.split(".") if part not in _SAYS_NOTHING]
        file = self.settings.config_path.stem if self.settings.config_path is not None else ""
        directory = self.master.directory.name if self.master.directory is not None else ""
        for text in (self.probe_name, ".".join(named), "" if file in _SAYS_NOTHING else file, directory):
            try:
                return plugin_id_from(text)
            except InvalidValue:
                continue
        return f"uwsgi-{self.master.pid}"

    @property
    def order(self) -> tuple[str, int]:
        return self.bind, self.master.pid

    @property
    def stats_address(self) -> str:
        """Return where its stats server is, '' where it has none that can be told; a file's name counts from its directory."""
        told = self.settings.text("stats")
        if not told:
            return ""
        if not told.startswith(("/", "@")) and ":" not in told:
            told = str((self.master.directory or Path("/")) / told)
        return f"{HTTP}{told}" if self.settings.has("stats-http") else told
