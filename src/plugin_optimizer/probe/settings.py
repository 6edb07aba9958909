"""What every process of a plugin is to run with: one small file, replaced at once, watched by all of them."""

import fcntl
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .places import check_home, make_private, plugin_directory

Value = int | float | str | bool

_NAME_LENGTH = 128
_TEXT_LENGTH = 1024


class SettingsCorrupt(ValueError):
    """The settings file is not one of ours; the next write replaces it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force. `version` grows with every change; `versions` says in which one each value came."""

    version: int = 0
    values: Mapping[str, Value] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


def settings_path(root: Path, plugin: str) -> Path:
    return plugin_directory(root, plugin) / "settings.json"


def read_settings(root: Path, plugin: str) -> Settings:
    """Return the settings; version 0 and no values where nothing was ever set.

    Raises SettingsCorrupt, ChannelRefused (the home is another user's), OSError.
    """
    if not check_home(root):
        return Settings()
    try:
        content = settings_path(root, plugin).read_bytes()
    except FileNotFoundError:
        return Settings()
    return _decode(content)


def write_setting(root: Path, plugin: str, name: str, value: Value) -> int:
    """Set one value for all processes, present and future; return the version that holds it.

    Idempotent: nothing is written where the value is already there. Durable when it returns.
    Raises ValueError or TypeError (a name or value that cannot be kept), OSError.
    """
    _check(name, value)
    with _locked(root, plugin) as settings:
        if name in settings.values and _same(settings.values[name], value):
            return settings.versions[name]
        return _put(root, plugin, settings, name, value)


def renew_setting(root: Path, plugin: str, name: str, value: Value) -> int:
    """Set one value under a new version even where it is already there; return the version.

    For a value that the application overruled since by its own `set`: only a newer version wins over that.
    Raises ValueError or TypeError (a name or value that cannot be kept), OSError.
    """
    _check(name, value)
    with _locked(root, plugin) as settings:
        return _put(root, plugin, settings, name, value)


def _put(root: Path, plugin: str, settings: Settings, name: str, value: Value) -> int:
    version = settings.version + 1
    values = {**settings.values, name: value}
    _replace(root, plugin, Settings(version, values, {**settings.versions, name: version}))
    return version


def drop_setting(root: Path, plugin: str, name: str) -> int:
    """Give one value back to the application; return the version without it. Idempotent. Raises OSError."""
    with _locked(root, plugin) as settings:
        if name not in settings.values:
            return settings.version
        values = {key: value for key, value in settings.values.items() if key != name}
        versions = {key: version for key, version in settings.versions.items() if key != name}
        _replace(root, plugin, Settings(settings.version + 1, values, versions))
        return settings.version + 1


def _check(name: str, value: object) -> None:
    if not 0 < len(name) <= _NAME_LENGTH:
        raise ValueError(f"a setting's name has 1 to {_NAME_LENGTH} characters, not {len(name)}")
    if not isinstance(value, int | float | str):
        raise TypeError(f"{name} takes a number, a word or true/false, not {type(value).__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} takes a finite number, not {value}")
    if isinstance(value, str) and len(value) > _TEXT_LENGTH:
        raise ValueError(f"{name} takes at most {_TEXT_LENGTH} characters, not {len(value)}")


def _same(one: Value, other: Value) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


@contextmanager
def _locked(root: Path, plugin: str) -> Iterator[Settings]:
    """Hold the plugin's settings against other writers, on this host, while the block runs."""
    directory = plugin_directory(root, plugin)
    make_private(root, directory)
    descriptor = os.open(directory / "settings.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            settings = read_settings(root, plugin)
        except SettingsCorrupt:
            settings = Settings()
        yield settings
    finally:
        os.close(descriptor)


def _replace(root: Path, plugin: str, settings: Settings) -> None:
    path = settings_path(root, plugin)
    temporary = path.with_name(path.name + ".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_encode(settings))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _encode(settings: Settings) -> bytes:
    values = {
        name: {"value": value, "version": settings.versions[name]} for name, value in sorted(settings.values.items())
    }
    return json.dumps({"version": settings.version, "values": values}, indent=1).encode()


def _decode(content: bytes) -> Settings:
    try:
        document = json.loads(content)
        version = int(document["version"])
        values = {str(name): entry["value"] for name, entry in document["values"].items()}
        versions = {str(name): int(entry["version"]) for name, entry in document["values"].items()}
        for name, value in values.items():
            _check(name, value)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SettingsCorrupt(f"settings.json does not hold version and values: {error}") from error
    return Settings(version, values, versions)
