"""What the codes of the product say in Korean and English. Codes and parameters in, sentences out."""

from .names import metric_name, mode_name, policy_field_name, state_name, type_name
from .policy_texts import mode_help, policy_field_help, policy_group_name
from .sentence import LANGUAGES, help_for, known_codes, render, render_about

__all__ = [
    "LANGUAGES",
    "help_for",
    "known_codes",
    "metric_name",
    "mode_help",
    "mode_name",
    "policy_field_help",
    "policy_field_name",
    "policy_group_name",
    "render",
    "render_about",
    "state_name",
    "type_name",
]
