"""The obligations of every notifier, as tests to inherit.

class TestMyNotifier(NotifierContract):
    def notifier(self, port: int) -> Notifier:
        return MyNotifier(url=f"http://127.0.0.1:{port}/", allow_inner=True)

The port is one where nobody listens, somebody who says nothing, or somebody who hangs up.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace

import pytest

from ..contracts import Notifier
from ..domain import Letter, Line, Message, Notice, NoticeKind, Phase, Severity, Undelivered

LONGEST_SECONDS = 20.0
NASTY = "a\r\nBcc: x@example.com\r\n\r\n<script>alert(1)</script> &amp; <!channel> {0} %s \u202e 한글 " + "y" * 5_000


def sample_letter(text: str = "orders: it is not running") -> Letter:
    """Return a letter about one plugin."""
    notice = Notice(
        NoticeKind.PLUGIN_DEAD, Phase.BEGAN, Severity.CRITICAL, "plugin_dead:orders", 1_700_000_000.0,
        Message("told_plugin_dead", {"plugin_id": "orders"}), "orders",
    )  # fmt: skip
    line = Line(notice, text, "https://optimizer.example/?plugin=orders", "Start it")
    return Letter(
        id="nt_01", channel="ops", at=1_700_000_000.0, language="en", severity=Severity.CRITICAL, title=text,
        lines=(line,), link="https://optimizer.example/", link_text="Open the dashboard",
    )  # fmt: skip


class NotifierContract:
    """Inherit and return your notifier; pytest runs the rest."""

    def notifier(self, port: int) -> Notifier:
        raise NotImplementedError("return the notifier to be tested, delivering to 127.0.0.1 at this port")

    def test_it_is_a_frozen_dataclass_with_a_kind(self) -> None:
        """Its fields are its settings: from them follow validation and the table of the documentation."""
        notifier = self.notifier(9)
        assert is_dataclass(notifier)
        assert notifier.kind
        with pytest.raises(AttributeError):
            setattr(notifier, fields(notifier)[0].name, None)

    def test_nobody_listening_is_undelivered(self) -> None:
        """A relay that is down is tried again: no other error leaves a notifier, and none says the message arrived."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with pytest.raises(Undelivered):
            self.notifier(port).send(sample_letter())

    def test_somebody_who_hangs_up_is_undelivered(self) -> None:
        """A connection that ends without an answer says nothing of the message."""
        with _listener(silent=False) as port, pytest.raises(Undelivered):
            self.notifier(port).send(sample_letter())

    def test_silence_ends(self) -> None:
        """Somebody who takes the connection and says nothing keeps nobody for longer than 20 s."""
        began = time.monotonic()
        with _listener(silent=True) as port, pytest.raises(Undelivered):
            self.notifier(port).send(sample_letter())
        assert time.monotonic() - began < LONGEST_SECONDS

    def test_any_text_can_be_told(self) -> None:
        """Line breaks, mark-up and sheer length of a plugin's texts end in Undelivered here, and in no other error."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        for letter in (sample_letter(NASTY), replace(sample_letter(), lines=(), link=None), sample_letter("")):
            with pytest.raises(Undelivered):
                self.notifier(port).send(letter)


@contextmanager
def _listener(*, silent: bool) -> Iterator[int]:
    """Take connections: and say nothing, or hang up at once."""
    held: list[socket.socket] = []
    server = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            held.append(connection) if silent else connection.close()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        for connection in held:
            connection.close()
