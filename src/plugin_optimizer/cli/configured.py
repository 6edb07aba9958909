"""Writing what was found into the configuration file: its comments, order and everything else in it stay as they are."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..config import parse_config
from ..domain import ConfigError, Plugin

OF_THIS_START = frozenset({"pid", "id"})  # of an address: another one after a restart
NAMED_BY = {"gunicorn": ("name", "bind", "statsd_prefix")}  # the rest of its address follows from these
DEFAULT_KIND = "gunicorn"


def add_plugins(path: Path, plugins: Iterable[Plugin]) -> list[str]:
    """Add those that the file does not name yet; return their ids. The file is made where there is none.

    It is checked before it takes the old one's place. Raises ConfigError.
    """
    try:
        import tomlkit
    except ImportError as error:
        raise ConfigError("writing the configuration needs tomlkit: install plugin-optimizer[server]") from error
    text = _read(path)
    try:
        document: Any = tomlkit.parse(text)
    except Exception as error:
        raise ConfigError(f"the configuration {path} is not TOML: {error}") from error
    if "plugins" not in document:
        document["plugins"] = tomlkit.table(is_super_table=True)
    added = []
    for plugin in plugins:
        if plugin.plugin_id not in document["plugins"]:
            document["plugins"][plugin.plugin_id] = _table(tomlkit, plugin)
            added.append(plugin.plugin_id)
    if added:
        written = tomlkit.dumps(document)
        parse_config(tomlkit.parse(written).unwrap())
        _replace(path, written)
    return added


def _table(tomlkit: Any, plugin: Plugin) -> Any:
    table = tomlkit.table()
    if plugin.touchpoint != DEFAULT_KIND:
        table["touchpoint"] = plugin.touchpoint
    for name, text in _lasting(plugin).items():
        table[name] = text
    return table


def _lasting(plugin: Plugin) -> Mapping[str, str]:
    names = NAMED_BY.get(plugin.touchpoint, tuple(plugin.address))
    return {name: plugin.address[name] for name in names if plugin.address.get(name) and name not in OF_THIS_START}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the configuration {path} cannot be read: {error}") from error


def _replace(path: Path, text: str) -> None:
    """Put the text in the file's place at once, with the rights that it had (0600 for a new one)."""
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except FileNotFoundError as error:
        raise ConfigError(
            f"the configuration {path} cannot be written: there is no folder {path.parent}; make it, or name another file"
        ) from error
    except OSError as error:
        raise ConfigError(f"the configuration {path} cannot be written: {error.strerror}") from error
