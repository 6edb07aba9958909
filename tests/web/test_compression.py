"""Answers travel small."""

import gzip
import json

from web.conftest import Api
from web.small_system import SmallSystem, add_plugin

GZIP = {"Accept-Encoding": "gzip"}


def test_a_list_travels_compressed_and_says_the_same(system: SmallSystem, viewer: Api) -> None:
    """A third of the bytes for whoever reads gzip, none of it for whoever does not; caches are told."""
    for name in ("orders", "menu", "reports", "notices"):
        add_plugin(system, name)
    plain, small = viewer.get("/plugins"), viewer.get("/plugins", headers=GZIP)
    assert (plain.content_encoding, small.content_encoding) == (None, "gzip")
    assert len(small.data) < len(plain.data) / 3
    assert [row["plugin_id"] for row in json.loads(gzip.decompress(small.data))] == [
        row["plugin_id"] for row in plain.json
    ]
    assert small.headers["Content-Length"] == str(len(small.data))
    assert {"Accept-Encoding", "Authorization"} <= set(small.headers["Vary"].split(", "))


def test_a_small_answer_that_may_hold_a_secret_is_not_compressed(viewer: Api) -> None:
    """Its length would tell an onlooker how much of a guess was right."""
    answer = viewer.get("/session", headers=GZIP)
    assert answer.content_encoding is None
    assert "csrf_token" in answer.json
