"""What a Python process was asked to run, read from its command line."""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePath

_PYTHON = re.compile(r"(python|pypy)[\d.]*")
_OPTIONS_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})


def arguments_of(
    command: Sequence[str], is_module: Callable[[str], bool], is_script: Callable[[PurePath], bool]
) -> tuple[str, ...] | None:
    """Return the arguments given to a program that Python runs as a module or a script; None for every other process."""
    if not command or not _PYTHON.fullmatch(PurePath(command[0]).name):
        return None
    words = list(command[1:])
    while words:
        word = words.pop(0)
        if word == "-m":
            return tuple(words[1:]) if words and is_module(words[0]) else None
        if word in _OPTIONS_WITH_VALUE:
            del words[:1]
        elif not word.startswith("-") or word == "-":
            return tuple(words) if is_script(PurePath(word)) else None
    return None
