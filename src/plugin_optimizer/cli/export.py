"""Answers of the server as files."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from .client import Client


def write_export(client: Client, path: str, query: Mapping[str, str | None], output: Path | None) -> None:
    """Write what is answered to a file, and say how large it is on standard error; else to standard output."""
    if output is None:
        client.download(path, query, sys.stdout.buffer)
        return
    with output.open("wb") as file:
        size = client.download(path, query, file)
    click.echo(f"{output}: {size:,} bytes", err=True)
