"""Policies in a file, in the form that the configuration has them: `[policy]` and `[plugins.NAME.policy]`."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..config import parse_config
from ..domain import ConfigError, Policy

POLICY_FIELDS = frozenset(f.name for f in fields(Policy))


def read_policy_file(path: Path) -> Mapping[str, Mapping[str, object]]:
    """Return the overrides of a TOML or JSON file, by plugin id ('' = all). A whole configuration will do, too.

    Raises ConfigError: no such file, neither TOML nor JSON, an unknown key, a value that does not fit.
    """
    document = _document(path)
    stray = sorted(POLICY_FIELDS & document.keys())
    if stray:
        raise ConfigError(
            f"{path}: {stray[0]} stands outside of a table; expected [policy] or [plugins.NAME.policy] above it"
        )
    try:
        return parse_config(document).policy_overrides
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _document(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the policy file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the policy file {path} is no text: {error}") from error
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        kind = "JSON" if text.lstrip().startswith("{") else "TOML"
        raise ConfigError(f"the policy file {path} is not {kind}: {error}") from error
    return document if isinstance(document, dict) else {}
