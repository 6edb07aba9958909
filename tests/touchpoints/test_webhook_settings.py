"""How a receiver of one's own is reached is checked at the start: the error names the key and what would have been right."""

import pytest

from plugin_optimizer.bootstrap import check_config
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import ConfigError, Plugin
from plugin_optimizer.touchpoints.webhook import commands, webhooks

URL, SECRET = "https://mailer.example/control", "$MAILER_SECRET"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"secret": SECRET}, "missing required field `url`"),
        ({"url": "mailer.example", "secret": SECRET}, r"plugins\.mailer\.url: expected https://host/path"),
        ({"url": "http://mailer.example/", "secret": SECRET}, "http:// on loopback alone"),
        ({"url": "ftp://127.0.0.1/", "secret": SECRET}, "expected https://host/path"),
        ({"url": "https://me@mailer.example/", "secret": SECRET}, "expected neither a user"),
        ({"url": "https://mailer.example/a b", "secret": SECRET}, "nor blanks"),
        ({"url": "https://mailer.example/\r\nX: y", "secret": SECRET}, "nor blanks"),
        ({"url": "https://mailer.example:99999/", "secret": SECRET}, "is no URL"),
        ({"url": URL}, "expected one of secret"),
        ({"url": URL, "secret": SECRET, "secret_file": "/x"}, "expected one of secret"),
        ({"url": URL, "secret": "hunter2"}, r"plugins\.mailer\.secret is named, not written down"),
        ({"url": URL, "secret": SECRET, "timeout_seconds": "8"}, "timeout_seconds is 8; expected 0.1 to 7"),
        ({"url": URL, "secret": SECRET, "timeout_seconds": "nan"}, "timeout_seconds"),
        ({"url": URL, "secret": SECRET, "timeout": "1"}, r"plugins\.mailer\.timeout is not a setting of webhook"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(address: dict[str, str], told: str) -> None:
    """Before anything is asked."""
    with pytest.raises(ConfigError, match=told):
        webhooks((Plugin("mailer", "webhook", address),))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({}, "missing required field `command`"),
        ({"command": "[]"}, r"plugins\.mailer\.command: expected \[\"/absolute/path\""),
        ({"command": "/bin/knob"}, r"plugins\.mailer"),
        ({"command": '["knob"]'}, "expected"),
        ({"command": "[1]"}, "Expected `str`"),
        ({"command": '["/bin/knob", "\\u0000"]'}, "cannot hold a NUL"),
        ({"command": '["/bin/knob"]', "directory": "here"}, "expected an absolute path"),
        ({"command": '["/bin/knob"]', "timeout_seconds": "0"}, "expected 0.1 to 7"),
        ({"command": '["/bin/knob"]', "shell": "true"}, "shell is not a setting of command"),
    ],
)
def test_a_command_that_cannot_be_is_refused(address: dict[str, str], told: str) -> None:
    """A line for a shell is none."""
    with pytest.raises(ConfigError, match=told):
        commands((Plugin("mailer", "command", address),))


def test_the_configuration_is_checked_with_them() -> None:
    """`serve` and `doctor` say so at the start, and take what is right, plain HTTP on loopback among it."""
    wrong = {"touchpoint": "webhook", "url": "http://10.0.0.1/", "secret": SECRET}
    with pytest.raises(ConfigError, match="loopback alone"):
        check_config(parse_config({"plugins": {"mailer": wrong}}))
    for url in (URL, "http://127.0.0.1:8700/control", "http://[::1]:8700/control", "http://localhost:1/"):
        right = {**wrong, "url": url, "timeout_seconds": 2}
        check_config(parse_config({"plugins": {"mailer": right}}))
    command = {"touchpoint": "command", "command": ["/bin/knob", "--json"], "environment": ["HOME"]}
    check_config(parse_config({"plugins": {"mailer": command}}))
