"""The three kinds of channels against real servers on loopback."""

import email
import ssl
import subprocess
import time
from dataclasses import replace
from email import policy
from pathlib import Path

import pytest
from notify.sinks import http_sink, smtp_sink

from plugin_optimizer.contracts import Notifier
from plugin_optimizer.contracts.signature import HEADER, verify
from plugin_optimizer.domain import ConfigError, DeliveryRefused, Severity, Undelivered
from plugin_optimizer.notify import EmailNotifier, Secret, SlackNotifier, WebhookNotifier, http_post
from plugin_optimizer.notify.email import Security
from plugin_optimizer.testing.notifier_contract import NASTY, NotifierContract, sample_letter


@pytest.fixture(autouse=True)
def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, a tenth as long: what is tested is that they hold."""
    monkeypatch.setattr(http_post, "TOTAL_SECONDS", 1.5)
    monkeypatch.setattr("plugin_optimizer.notify.email.TOTAL_SECONDS", 1.5)
    monkeypatch.setattr("plugin_optimizer.notify.email.CONNECT_SECONDS", 1.5)


def secret_file(tmp_path: Path, text: str) -> Secret:
    path = tmp_path / "secret"
    path.write_text(text + "\n")
    return Secret(f"file:{path}")


def slack(tmp_path: Path, url: str) -> SlackNotifier:
    return SlackNotifier(secret_file(tmp_path, url), allow_inner=True)


class TestSlackContract(NotifierContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path

    def notifier(self, port: int) -> Notifier:
        return slack(self.tmp_path, f"http://127.0.0.1:{port}/services/T/B/x")


class TestWebhookContract(NotifierContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path

    def notifier(self, port: int) -> Notifier:
        return WebhookNotifier(secret_file(self.tmp_path, f"http://127.0.0.1:{port}/"), allow_inner=True)


class TestEmailContract(NotifierContract):
    def notifier(self, port: int) -> Notifier:
        return EmailNotifier("127.0.0.1", "po@example.com", ("ops@example.com",), port, Security.NONE)


def test_slack_gets_blocks_with_a_link_and_escapes_what_plugins_say(tmp_path: Path) -> None:
    """A header, plain text without mark-up, a button to the dashboard; nobody can be mentioned."""
    with http_sink() as sink:
        answer = slack(tmp_path, sink.url).send(sample_letter(NASTY))
    document = sink.posted[0].document
    kinds = [block["type"] for block in document["blocks"]]
    assert answer == "200 OK: ok"
    assert kinds == ["header", "section", "actions", "context"]
    assert len(document["blocks"][0]["text"]["text"]) <= 150
    assert document["blocks"][1]["text"]["type"] == "plain_text"
    assert document["blocks"][1]["accessory"]["url"] == "https://optimizer.example/?plugin=orders"
    assert "<!channel>" not in document["text"]
    assert "&lt;!channel&gt;" in document["text"]


def test_a_webhook_is_typed_signed_and_keeps_its_id(tmp_path: Path) -> None:
    """Whoever receives it can check time and body, and knows what it has seen before."""
    key = tmp_path / "key"
    key.write_text("s3cret")
    with http_sink() as sink:
        hook = WebhookNotifier(secret_file(tmp_path, sink.url), Secret(f"file:{key}"), allow_inner=True)
        for _ in range(2):
            hook.send(sample_letter())
    first, second = sink.posted
    header, now = first.headers[HEADER], time.time()
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "nt_01"
    assert verify("s3cret", first.body, header, now)
    assert not verify("s3cret", first.body + b" ", header, now)
    assert not verify("another", first.body, header, now)
    assert not verify("s3cret", first.body, header, now + 301)
    assert not verify("s3cret", first.body, "t=x,v1=", now)
    notice = first.document["notices"][0]
    assert (notice["kind"], notice["phase"], notice["code"]) == ("plugin_dead", "began", "told_plugin_dead")
    assert notice["at"] == "2023-11-14T22:13:20.000Z"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("broken", Undelivered), ("busy", Undelivered), ("hang", Undelivered), ("drip", Undelivered),
        ("gone", DeliveryRefused), ("elsewhere", DeliveryRefused),
    ],
)  # fmt: skip
def test_bad_answers_are_told_apart(tmp_path: Path, behaviour: str, error: type[Undelivered]) -> None:
    """What may pass is tried again, what will not is given up; nobody is waited for, and nobody is followed."""
    began = time.monotonic()
    with http_sink(lambda _: behaviour, retry_after="7") as sink:
        with pytest.raises(Undelivered) as failure:
            slack(tmp_path, sink.url).send(sample_letter())
        assert sink.asked == 1
    assert type(failure.value) is error
    assert failure.value.retry_after_seconds == (7.0 if behaviour == "busy" else None)
    assert time.monotonic() - began < 5


def test_a_flood_is_cut_off(tmp_path: Path) -> None:
    """Of an endless answer 64 KiB are read and 200 characters are kept."""
    with http_sink(lambda _: "flood") as sink:
        assert len(slack(tmp_path, sink.url).send(sample_letter())) < 250


def test_retry_after_is_read_in_both_forms() -> None:
    """Seconds or a date, an hour at most; nonsense says nothing (RFC 9110, 10.2.3)."""
    assert http_post.retry_after("120", 0) == 120
    assert http_post.retry_after("99999", 0) == 3600
    assert http_post.retry_after("Tue, 14 Nov 2023 22:13:50 GMT", 1_700_000_000) == 30
    assert http_post.retry_after("Tue, 14 Nov 2023 22:13:00 GMT", 1_700_000_000) == 0
    for nonsense in (None, "", "soon", "-5", "nan"):
        assert http_post.retry_after(nonsense, 0) is None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key, made = path.with_suffix(".key"), path.with_suffix(".crt")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(key.read_bytes() + made.read_bytes())
    return path


def mailer(port: int, **settings: object) -> EmailNotifier:
    given = {"security": Security.NONE, "port": port, **settings}
    return EmailNotifier("localhost", "Plugins <po@example.com>", ("ops@example.com", "Kim <kim@example.com>"), **given)  # type: ignore[arg-type]


def test_mail_goes_out_encrypted_with_a_login(certificate: Path, tmp_path: Path) -> None:
    """STARTTLS with a checked certificate, then the login; the answer is the relay's own."""
    with smtp_sink(certificate=certificate, user="po", password="pa55") as sink:
        sent = mailer(
            sink.port, security=Security.STARTTLS, user="po", password=secret_file(tmp_path, "pa55"),
            ca_file=str(certificate),
        )  # fmt: skip
        answer = sent.send(replace(sample_letter("주문: 실행되지 않습니다"), language="ko"))
    sender, recipients, raw = sink.letters[0]
    message = email.message_from_bytes(raw, policy=policy.default)
    assert sink.encrypted == [True]
    assert answer == "250 2.0.0 queued as 4F1"
    assert (sender, recipients) == ("po@example.com", ["ops@example.com", "kim@example.com"])
    assert message["Subject"] == "주문: 실행되지 않습니다"
    assert message["Message-ID"] == "<nt_01@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].endswith("22:13:20 +0000")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "https://optimizer.example/?plugin=orders" in message.get_body(("plain",)).get_content()


def test_a_certificate_nobody_vouches_for_is_not_trusted(certificate: Path) -> None:
    """The system does not know this one: nothing is handed over, and no password."""
    with smtp_sink(certificate=certificate) as sink, pytest.raises(Undelivered, match="TLS"):
        mailer(sink.port, security=Security.STARTTLS).send(sample_letter())
    assert sink.letters == []


def test_silence_after_starttls_ends_as_well(certificate: Path) -> None:
    """The deadline holds for the connection that TLS puts in the place of the plain one."""
    began = time.monotonic()
    with smtp_sink(certificate=certificate, drips="MAIL") as sink, pytest.raises(Undelivered):
        mailer(sink.port, security=Security.STARTTLS, ca_file=str(certificate)).send(sample_letter())
    assert time.monotonic() - began < 5


def test_a_relay_without_starttls_gets_nothing() -> None:
    """Somebody in between who takes STARTTLS away does not read the message."""
    with smtp_sink() as sink, pytest.raises(Undelivered):
        mailer(sink.port, security=Security.STARTTLS).send(sample_letter())
    assert sink.letters == []


def test_no_text_breaks_the_headers() -> None:
    """Line breaks in a title make no headers of their own, and mark-up none in the HTML part."""
    with smtp_sink() as sink:
        mailer(sink.port).send(sample_letter(NASTY))
    message = email.message_from_bytes(sink.letters[0][2], policy=policy.default)
    assert message["Bcc"] is None
    assert "<script>" not in message.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"MAIL": "451 later"}, Undelivered),
        ({"MAIL": "550 never"}, DeliveryRefused),
        ({"ops@example.com": "550 unknown", "kim@example.com": "450 full"}, Undelivered),
        ({"ops@example.com": "550 unknown", "kim@example.com": "550 unknown"}, DeliveryRefused),
        ({"END": "554 spam"}, DeliveryRefused),
        ({"END": "452 full"}, Undelivered),
    ],
)
def test_the_relays_word_decides_whether_to_try_again(replies: dict[str, str], error: type[Undelivered]) -> None:
    """5xx stays so, 4xx may pass (RFC 5321, 4.2.1)."""
    with smtp_sink(replies=replies) as sink, pytest.raises(Undelivered) as failure:
        mailer(sink.port).send(sample_letter())
    assert type(failure.value) is error


def test_one_unknown_recipient_does_not_keep_the_others_from_hearing() -> None:
    """Delivered, and the answer names who was refused."""
    with smtp_sink(replies={"kim@example.com": "550 unknown"}) as sink:
        answer = mailer(sink.port).send(sample_letter())
    assert "kim@example.com" in answer
    assert sink.letters[0][1] == ["ops@example.com"]


def test_settings_that_cannot_work_are_refused() -> None:
    """No recipient, no address, a password in the clear."""
    for settings in ({"recipients": ()}, {"sender": "x"}, {"user": "po"}, {"port": 0}, {"sender": "a@b\r\nBcc: c@d"}):
        with pytest.raises(ConfigError):
            EmailNotifier(**{"host": "h", "sender": "a@b.c", "recipients": ("d@e.f",), **settings})  # type: ignore[arg-type]


def test_critical_mail_is_marked() -> None:
    """Only what is critical asks for attention."""
    with smtp_sink() as sink:
        for severity in (Severity.CRITICAL, Severity.INFO):
            mailer(sink.port).send(replace(sample_letter(), severity=severity))
    marks = [email.message_from_bytes(raw)["Importance"] for _, _, raw in sink.letters]
    assert marks == ["high", None]


def test_tls_from_the_first_byte_needs_a_server_that_speaks_it() -> None:
    """A plain server at the port of a TLS one is an error, not a fallback."""
    with smtp_sink() as sink, pytest.raises(Undelivered):
        mailer(sink.port, security=Security.TLS).send(sample_letter())
    assert sink.letters == []
    assert ssl.create_default_context().check_hostname
