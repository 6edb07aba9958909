"""How far a long run has come, on standard error: a line that is written over on a terminal, one now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self

import click

FIRST_SECONDS = 2.0  # what is over by then needs no progress
TERMINAL_SECONDS, LOG_SECONDS = 0.5, 10.0


class Progress:
    """Tells the share that is done, 0…1, as a percentage."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._due = time.monotonic() + FIRST_SECONDS
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown and self._terminal:
            click.echo("\r\x1b[K", nl=False, err=True)

    def told(self, share: float) -> None:
        """Take note of how far it is; show it where that is due."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due, self._shown = now + (TERMINAL_SECONDS if self._terminal else LOG_SECONDS), True
        words = f"{min(1.0, max(0.0, share)):.0%}"
        click.echo(f"\r{words}" if self._terminal else words, nl=not self._terminal, err=True)
