"""What could be watched and turned on this host, and what one line would unlock."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from ..domain import ConfigError, Message
from ..monitor.probe_source import ProbeSource
from ..wording import metric_name, render
from .client import language_of
from .configured import add_plugins
from .host_survey import Found, survey
from .local import config_option, local_system
from .output import json_option, print_json, print_table


@click.command()
@config_option
@json_option
@click.option("--write", is_flag=True, help="Add what answers to the configuration file; its comments stay.")
@click.option("--lang", type=click.Choice(["ko", "en"]), default=None, help="Language of the texts.")
def discover(config: str | None, as_json: bool, write: bool, lang: str | None) -> None:
    """Look for everything that a touchpoint knows, and name what else runs here. Changes nothing but, asked to, the file."""
    language = lang or language_of(os.environ)
    with local_system(config if not write or config is None or Path(config).exists() else None) as system:
        found = survey(system.touchpoints, ProbeSource(system.home).plugins())
    added = _write(config, found) if write else []
    if as_json:
        print_json([_json(one, language) for one in found])
        return
    _tell(found, language)
    if write:
        click.echo(_said(language, config, added))


def _write(config: str | None, found: Sequence[Found]) -> list[str]:
    if config is None:
        raise ConfigError(
            "name the file to write to, a new one or yours: --config engine.toml, or PLUGIN_OPTIMIZER_CONFIG"
        )
    return add_plugins(Path(config).expanduser(), [one.plugin for one in found if one.plugin and not one.trouble])


def _json(one: Found, lang: str) -> dict[str, object]:
    return {
        "plugin_id": one.plugin.plugin_id if one.plugin else None,
        "name": one.name,
        "touchpoint": one.kind if one.plugin else None,
        "kind": one.kind,
        "address": dict(one.plugin.address) if one.plugin else {},
        "senses": list(one.senses),
        "turns": [knob.name for knob in one.knobs],
        "lasting": [knob.name for knob in one.knobs if knob.persistent],
        "not_offered": dict(one.not_offered),
        "trouble": one.trouble or None,
        "unlocks": [{"code": message.code, "text": render(message, lang)} for message in one.unlocks],
    }


def _tell(found: Sequence[Found], lang: str) -> None:
    known = [one for one in found if one.plugin is not None]
    columns = [render(Message(f"discover_column_{name}"), lang) for name in ("plugin", "kind", "address", "turns")]
    rows = [(one.name, one.kind, _address(one), ", ".join(knob.name for knob in one.knobs)) for one in known]
    print_table(columns, rows, render(Message("discover_nothing"), lang))
    for one in found:
        for line in _lines(one, lang):
            click.echo(f"{one.name}: {line}" if one.plugin else line)


def _lines(one: Found, lang: str) -> list[str]:
    senses = [metric_name(metric, lang) for metric in one.senses if metric != "up"]
    said = [Message("discover_senses", {"metrics": ", ".join(senses)})] if senses else []
    said += [Message("discover_cannot_turn", {"knob": knob, "detail": reason}) for knob, reason in one.not_offered]
    trouble = [one.trouble] if one.trouble else []
    return [*trouble, *(render(message, lang) for message in (*said, *one.unlocks))]


def _address(one: Found) -> str:
    """Return where it listens; what else its address holds is for `--json`."""
    address = one.plugin.address if one.plugin else {}
    place = address.get("url") or address.get("bind")
    return place or ", ".join(f"{name}={text}" for name, text in address.items() if text)


def _said(lang: str, config: str | None, added: Sequence[str]) -> str:
    code = "discover_added" if added else "discover_added_nothing"
    return render(Message(code, {"file": config or "", "plugins": ", ".join(added)}), lang)
