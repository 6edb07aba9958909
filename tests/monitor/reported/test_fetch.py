"""What a scraped server may do to us: nothing that lasts."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from monitor.reported.pages import Handler, Pages, serving

from plugin_optimizer.demo.ports import free_tcp_ports
from plugin_optimizer.domain import Gone, Unobservable
from plugin_optimizer.monitor.reported import fetch as fetching
from plugin_optimizer.monitor.reported.fetch import fetch

pytestmark = pytest.mark.live


@pytest.fixture
def pages() -> Iterator[Pages]:
    with serving() as made:
        yield made


def test_a_page_is_fetched_with_the_token_of_its_file(pages: Pages, tmp_path: Path) -> None:
    """The secret stands in a file, is sent as a header, and no compression is asked for."""
    (tmp_path / "token").write_text("s3cret\n")
    pages.show("a 1")
    assert fetch(f"{pages.url}/metrics?x=1", 100, str(tmp_path / "token")) == b"a 1"
    path, headers, _ = pages.asked[0]
    assert (path, headers["Authorization"], headers["Accept-Encoding"]) == ("/metrics?x=1", "Bearer s3cret", "identity")
    with pytest.raises(Unobservable, match="bearer_file"):
        fetch(pages.url, 100, str(tmp_path / "none"))


def test_nobody_there_is_gone_and_not_unobservable() -> None:
    """A refused connection says that the plugin does not run; everything else says that nothing is known."""
    (port,) = free_tcp_ports(1)
    with pytest.raises(Gone):
        fetch(f"http://127.0.0.1:{port}/metrics", 100)


def test_what_is_no_whole_answer_is_an_error_that_says_why(pages: Pages) -> None:
    """Redirects, errors, encodings nobody asked for, and more than may be read."""
    for status, headers, said in (
        (302, {"Location": "http://169.254.169.254/"}, "redirects are not followed"),
        (500, {}, "answered 500"),
        (404, {}, "answered 404"),
        (200, {"Content-Encoding": "gzip"}, "was not asked for"),
    ):
        pages.show("x", status, **headers)
        with pytest.raises(Unobservable, match=said) as raised:
            fetch(pages.url, 100)
        assert not isinstance(raised.value, Gone)
    assert len(pages.asked) == 4
    pages.show("x" * 101)
    with pytest.raises(Unobservable, match=r"more than 100 bytes \(metrics_in\.inflated_bytes\)"):
        fetch(pages.url, 100)


def test_an_endless_answer_ends(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte at a time, in the headers or the body: the time of the whole is limited."""
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 1.0)

    def drip(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" if handler.path == "/body" else b"HTTP/1.0 200 OK\r\n")
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.1)

    pages.respond = drip
    for path in ("/body", "/headers"):
        begun = time.monotonic()
        with pytest.raises(Unobservable):
            fetch(f"{pages.url}{path}", 1_000)
        assert time.monotonic() - begun < 10.0
