"""The exported files know one address, /plugin-optimization/. Below a host's prefix they are told the longer one."""

import re
from pathlib import Path
from urllib.parse import quote

from flask import Request

from .route import BASE

PREFIX = "/plugin-optimization"
ADDRESSED = frozenset({".html", ".js", ".txt"})  # the kinds of files that name addresses
QUOTED_ADDRESS = f'"{PREFIX}/'
DOCUMENT = re.compile(r"<html(?=[\s>])")


def mount_of(request: Request) -> str:
    """Return the path that stands before ours: SCRIPT_NAME and the Blueprint's `url_prefix`; "" at the root.

    Percent-encoded and with one slash in front, so that it neither leaves a quoted string nor names another host.
    """
    rule = request.url_rule.rule if request.url_rule else PREFIX
    path = quote(f"{request.script_root}{rule.rpartition(PREFIX)[0]}".strip("/"), safe="/~")
    return f"/{path}" if path else ""


def text_at(file: Path, mount: str) -> str:
    """Return a file's text with our own addresses below `mount`, and with the API's address on a page's root element."""
    text = file.read_text(encoding="utf-8")
    if not mount:
        return text
    text = text.replace(QUOTED_ADDRESS, f'"{mount}{PREFIX}/')
    return DOCUMENT.sub(f'<html data-api-base="{mount}{BASE}"', text, count=1) if file.suffix == ".html" else text
