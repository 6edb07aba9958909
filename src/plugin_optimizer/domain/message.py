"""A sentence as a code with parameters; the words live in `plugin_optimizer.wording`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Parameter = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said, without the language it is said in.

    Parameters are in SI units; their names end in the unit (`wait_seconds`), which is how the
    wording knows to write "1.2 s".
    """

    code: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
