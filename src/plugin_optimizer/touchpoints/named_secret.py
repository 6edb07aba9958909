"""A secret that an address names and never holds: `$VARIABLE` of the environment, or a file that holds nothing else."""

import os
from pathlib import Path

from ..domain import Unobservable


def named_secret(what: str, variable: str, file: str) -> str | None:
    """Return the secret, read anew each time (it can be changed without a restart); None where neither names one.

    `what` is its name in the message. Raises Unobservable where it cannot be read.
    """
    if file:
        name = os.path.expandvars(file)
        try:
            return Path(name).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Unobservable(f"the {what} file {name} cannot be read: {error}") from error
    if not variable:
        return None
    found = os.environ.get(variable[1:].strip("{}"))
    if found is None:
        raise Unobservable(f"the environment has no variable {variable} with the {what}")
    return found
