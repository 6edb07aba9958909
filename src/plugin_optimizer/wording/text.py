"""A sentence in both languages, so that neither can be forgotten."""

from typing import NamedTuple


class Text(NamedTuple):
    """Templates with `{parameter}`; in Korean `{parameter:은}` takes the fitting particle."""

    ko: str
    en: str
