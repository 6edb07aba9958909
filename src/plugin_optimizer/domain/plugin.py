"""The thing a person names and cares about."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .errors import InvalidValue

PLUGIN_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class PluginStatus(StrEnum):
    """`unknown` means that nothing can be concluded, which is not the same as `inactive`."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A managed thing: its name, the kind of touchpoint that knows it, and where it is found.

    `address` is read by its touchpoint alone (for gunicorn: `name`, `bind`, `app`).
    """

    plugin_id: str
    touchpoint: str
    address: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parse_plugin_id(self.plugin_id)


def parse_plugin_id(text: str) -> str:
    """Return `text` if it is a plugin identifier; raise InvalidValue otherwise."""
    if not PLUGIN_ID.fullmatch(text):
        raise InvalidValue(
            f"{text[:80]!r} is not a plugin id; expected 1 to 63 characters of a-z, 0-9, '.', '_', '-', "
            "beginning with a letter or digit"
        )
    return text


def inside_id(host: str, part: str) -> str:
    """Return the identifier of a part of another plugin, as a Blueprint of its application: `shop.billing`.

    Raises InvalidValue where no identifier can be made of it.
    """
    return plugin_id_from(f"{host}.{part}")


def plugin_id_from(text: str) -> str:
    """Turn any name (a process title, a module path) into a plugin identifier.

    Raises InvalidValue when no letter or digit is left.
    """
    cleaned = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-")[:63]
    return parse_plugin_id(cleaned)
