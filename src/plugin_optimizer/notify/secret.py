"""A secret of the configuration: named there, kept elsewhere, never shown."""

import os
from pathlib import Path

from ..domain import ConfigError, Undelivered

ENVIRONMENT, FILE = "env:", "file:"
LONGEST_BYTES = 8192
HIDDEN = "•••"


class Secret:
    """Where a secret is kept: `env:NAME` or `file:/path`. Its representation is that address, never the secret."""

    __slots__ = ("reference",)

    def __init__(self, reference: str) -> None:
        """Keep the address. Raises ConfigError for anything else: a secret that was written there by mistake is not repeated."""
        if not reference.startswith((ENVIRONMENT, FILE)) or reference in {ENVIRONMENT, FILE}:
            raise ConfigError("a secret is not written here but named: env:NAME or file:/path")
        self.reference = reference

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reference == self.reference

    def __hash__(self) -> int:
        return hash(self.reference)

    @property
    def there(self) -> bool:
        """Tell whether it can be read now."""
        try:
            return bool(self.reveal())
        except Undelivered:
            return False

    def reveal(self) -> str:
        """Return the secret, read anew each time: it can be changed without a restart. Raises Undelivered."""
        if self.reference.startswith(ENVIRONMENT):
            name = self.reference.removeprefix(ENVIRONMENT)
            value = os.environ.get(name, "").strip()
            if not value:
                raise Undelivered(f"the environment variable {name} is not set")
            return value
        return _read(Path(os.path.expandvars(self.reference.removeprefix(FILE))).expanduser())


def without(text: str, secrets: tuple[str, ...]) -> str:
    """Return `text` with every one of the secrets replaced."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            value = file.read(LONGEST_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Undelivered(f"the secret {path} cannot be read: {type(error).__name__}") from error
    if not value:
        raise Undelivered(f"the secret {path} is empty")
    return value
