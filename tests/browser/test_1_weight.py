"""What a browser must fetch before the dashboard begins to work."""

import gzip
import re
import urllib.request

import pytest
from browser.demo_run import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LIMIT_KB = 160.0
SCRIPT = re.compile(r'<script[^>]*\ssrc="(?P<path>[^"]+\.js)"[^>]*>')


def test_the_first_load_stays_small(demo: Demo) -> None:
    """The scripts that the page names, as the browser gets them compressed: at most 160 kB."""
    page = fetched(demo.dashboard).decode()
    tags = [tag for tag in SCRIPT.finditer(page) if "nomodule" not in tag[0].lower()]
    sizes = {tag["path"]: len(gzip.compress(fetched(demo.url + tag["path"]), 9)) / 1000 for tag in tags}
    assert len(sizes) > 3, page[:2000]
    assert sum(sizes.values()) <= LIMIT_KB, sizes


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        body: bytes = answer.read()
    return body
