"""Renders messages. Never raises: a sentence that cannot be said well is better than no answer at all."""

import re
import string
from collections.abc import Mapping
from itertools import chain
from typing import Any

from ..domain import Message, unit_named
from .analysis_texts import ANALYSIS
from .cache_texts import CACHES
from .discovery_texts import DISCOVERY
from .engine_texts import ENGINE, HELP
from .execution_texts import EXECUTION
from .experiment_texts import EXPERIMENTS
from .figure import MISSING, figure
from .gate_texts import GATE
from .hindsight_texts import HINDSIGHT
from .ledger_texts import LEDGER
from .limit_texts import LIMITS
from .metrics_in_texts import METRICS_IN, METRICS_IN_HELP
from .names import parameter_name
from .notification_texts import NOTIFICATION_HELP, NOTIFICATIONS
from .operator_texts import OPERATOR
from .particle import PAIRS, with_particle
from .planning_texts import PLANNING
from .policy_texts import POLICY
from .profile_texts import PROFILES
from .rehearsal_texts import REHEARSAL
from .series_texts import SERIES
from .switchback_texts import SWITCHBACK
from .text import Text
from .verdict_texts import VERDICTS

LANGUAGES = ("ko", "en")
OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
TOPICS = (
    ANALYSIS,
    PLANNING,
    CACHES,
    DISCOVERY,
    EXPERIMENTS,
    EXECUTION,
    VERDICTS,
    SWITCHBACK,
    ENGINE,
    GATE,
    LEDGER,
    OPERATOR,
    HINDSIGHT,
    POLICY,
    NOTIFICATIONS,
    REHEARSAL,
    METRICS_IN,
    PROFILES,
    SERIES,
    LIMITS,
)
TEXTS: Mapping[str, Text] = dict(chain.from_iterable(topic.items() for topic in TOPICS))


def known_codes() -> frozenset[str]:
    return frozenset(TEXTS)


def render(message: Message, lang: str) -> str:
    """Return the sentence; an unknown code is shown with its parameters."""
    text = TEXTS.get(message.code)
    if text is None:
        return _unknown(message, lang)
    return _filled(text, message, lang)


def render_about(message: Message, lang: str) -> str:
    """Return the sentence, led by the plugin it is about where it does not name it itself."""
    sentence, plugin_id = render(message, lang), message.params.get("plugin_id")
    if not isinstance(plugin_id, str) or plugin_id in sentence:
        return sentence
    return f"{plugin_id}: {sentence}"


def help_for(message: Message, lang: str) -> str | None:
    """Return what to do about it, None where there is nothing to do."""
    text = HELP.get(message.code) or NOTIFICATION_HELP.get(message.code) or METRICS_IN_HELP.get(message.code)
    if text is None:
        return None
    return _filled(text, message, lang)


def _filled(text: Text, message: Message, lang: str) -> str:
    template = text.en if lang == "en" else text.ko
    said = OPTIONAL.sub(lambda part: part[1] if _all_given(part[1], message.params) else "", template)
    return _Filler(message.params, lang).format(said)


def _all_given(template: str, params: Mapping[str, Any]) -> bool:
    return all(params.get(name) is not None for _, name, _, _ in string.Formatter().parse(template) if name)


class _Filler(string.Formatter):
    """Puts figures into a template; a missing parameter is a dash."""

    def __init__(self, params: Mapping[str, Any], lang: str) -> None:
        self._params = params
        self._lang = lang
        self._metric = str(params.get("metric") or unit_named(str(params.get("knob", ""))))

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> str:  # noqa: ARG002 - the base class's call
        name = str(key)
        value = self._params.get(name)
        if value is None:
            return MISSING
        return parameter_name(name, value, self._lang) or figure(name, value, self._lang, self._metric)

    def format_field(self, value: Any, format_spec: str) -> str:
        return with_particle(str(value), format_spec) if format_spec in PAIRS else str(value)


def _unknown(message: Message, lang: str) -> str:
    said = ", ".join(f"{name} = {figure(name, value, lang)}" for name, value in message.params.items())
    return f"{message.code} ({said})" if said else message.code
