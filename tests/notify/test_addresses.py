"""No message leaves for an inner address, in whatever way that address is written."""

import socket
from pathlib import Path

import pytest
from notify.sinks import http_sink

from plugin_optimizer.domain import ConfigError, DeliveryRefused, Undelivered
from plugin_optimizer.notify import Secret, WebhookNotifier, address
from plugin_optimizer.notify.http_post import Target, post
from plugin_optimizer.testing.notifier_contract import sample_letter

# Spellings of loopback, link-local (metadata services), private, shared, reserved and multicast addresses
V4 = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "2130706433",
    "127.0.0.1.",
    "localhost",
    "localhost.",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "169.254.169.254",
    "169.254.1.1",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "0xa9.0xfe.0xa9.0xfe",
    "169.254.43518",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "0.1.2.3",
    "0x0a000001",
    "167772161",
    "012.0.0.1",
    "3232235521",
    "0xc0a80001",
]
V6 = [
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "::10.0.0.1",
    "::a9fe:a9fe",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2002:a9fe:a9fe::",
    "2001:0:7f00:1::1",
    "2001:0:0:0:0:0:80ff:fffe",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "fec0::1",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff01::1",
    "ff05::2",
    "2001:db8::1",
    "100::1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "0:0:0:0:0:ffff:127.0.0.1",
]
HOSTS = [*V4, *(f"[{each}]" for each in V6)]
ODD = [
    "https://user@127.0.0.1/",
    "https://a:b@example.com/",
    "https://[::1",
    "https:///x",
    "https://:443/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:25/",
    "//127.0.0.1/",
    "127.0.0.1",
    "http://8.8.8.8/",
    "https://8.8.8.8:22/",
    "https://8.8.8.8:99999/",
    "https://8.8.8.8:x/",
    "dict://127.0.0.1:11211/",
    "https://127.0.0.1%00.example.com/",
]


@pytest.mark.parametrize("url", [f"https://{host}/" for host in HOSTS] + list(ODD) + ["https://127.0.0.1/\r\nX: y"])
def test_an_inner_address_is_not_connected_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a parser makes of it: refused, or no address at all; no connection is opened."""

    def opened(*_: object, **__: object) -> socket.socket:
        raise AssertionError(f"{url} was connected to")

    monkeypatch.setattr(socket, "create_connection", opened)
    with pytest.raises(Undelivered):
        post(Target(url), b"{}", {})


def test_there_are_more_than_eighty_spellings() -> None:
    """The figure that is quoted is the number of cases above."""
    assert len(HOSTS) + len(ODD) + 1 >= 80
    assert len(set(HOSTS)) == len(HOSTS)


@pytest.mark.parametrize("public", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses_may_be_sent_to(public: str) -> None:
    """The check is no wall."""
    address.require_public("example.com", public)


def test_one_inner_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that has a public and an inner address is refused: the system may take either."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(DeliveryRefused, match=r"10\.0\.0\.7"):
        address.resolve("both.example", 443, inner=False)


def test_a_name_that_changes_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: what was checked is what is connected to, by its address."""
    answers = iter(["8.8.8.8", "127.0.0.1"])
    asked: list[tuple[str, int]] = []

    def resolved(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]

    def connected(where: tuple[str, int], **_: object) -> socket.socket:
        asked.append(where)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connected)
    with pytest.raises(Undelivered):
        post(Target("https://rebind.example/"), b"{}", {})
    assert asked == [("8.8.8.8", 443)]


def test_inner_addresses_are_sent_to_where_the_configuration_means_them(tmp_path: Path) -> None:
    """`allow_inner` is the word of whoever may write the configuration; without it the same is refused."""
    path = tmp_path / "url"
    with http_sink() as sink:
        path.write_text(sink.url)
        assert WebhookNotifier(Secret(f"file:{path}"), allow_inner=True).send(sample_letter()).startswith("200")
        with pytest.raises(DeliveryRefused):
            WebhookNotifier(Secret(f"file:{path}")).send(sample_letter())
    assert sink.asked == 1


def test_a_secret_is_named_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that stands in the configuration is refused without being repeated; a missing one can be put right later."""
    with pytest.raises(ConfigError) as refusal:
        Secret("https://hooks.slack.com/services/T/B/SECRET")
    assert "SECRET" not in str(refusal.value)
    monkeypatch.setenv("HOOK", "s3cret")
    assert Secret("env:HOOK").reveal() == "s3cret"
    assert "s3cret" not in repr(Secret("env:HOOK"))
    path = tmp_path / "later"
    secret = Secret(f"file:{path}")
    assert not secret.there
    path.write_text("now\n")
    assert secret.reveal() == "now"
    for missing in (Secret("env:NOT_THERE"), Secret(f"file:{tmp_path}")):
        with pytest.raises(Undelivered):
            missing.reveal()
