"""A sentence in both languages, so that neither can be forgotten."""

from typing import NamedTuple


class Text(NamedTuple):
    """Templates with `{parameter}`; in Korean `{parameter:은}` takes the fitting particle.

    `[[a part with {parameter}]]` is left out where a parameter of it is not given.
    """

    ko: str
    en: str
