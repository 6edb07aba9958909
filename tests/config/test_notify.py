"""The settings of notifications: what does not fit is refused by the name of its key, and no secret is repeated."""

import pytest

from plugin_optimizer.bootstrap import check_config
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import ConfigError

SLACK = {"kind": "slack", "url": "env:HOOK"}


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ({"chanels": {}}, "notify.chanels is not a setting"),
        ({"group_seconds": 9999.0}, "notify.group_seconds"),
        ({"give_up_hours": 0.0}, "notify.give_up_hours"),
        ({"dashboard_url": "ops"}, "notify.dashboard_url"),
        ({"channels": {"Ops!": SLACK}}, "notify.channels.Ops!"),
        ({"channels": {"ops": {"url": "env:HOOK"}}}, "a `kind`"),
        ({"channels": {"ops": {**SLACK, "kind": "pigeon"}}}, "known are email, slack, webhook"),
        ({"channels": {"ops": {**SLACK, "colour": 1}}}, "notify.channels.ops.colour"),
        ({"channels": {"ops": {**SLACK, "language": "fr"}}}, "expected ko or en"),
        ({"channels": {"ops": {**SLACK, "events": ["weather"]}}}, "notify.channels.ops"),
        ({"channels": {"ops": {**SLACK, "quiet_hours": ["at night"]}}}, "notify.channels.ops.quiet_hours"),
        ({"channels": {"ops": {**SLACK, "digest_minutes": -1}}}, "digest_minutes"),
        ({"channels": {"ops": {**SLACK, "url": "https://hooks.example/S3CRET"}}}, "env:NAME or file:/path"),
        ({"channels": {"ops": {**SLACK, "url": 7}}}, "env:NAME or file:/path"),
        ({"channels": {"m": {"kind": "email", "host": "h", "sender": "a@b.c"}}}, "recipients"),
    ],
)
def test_what_does_not_fit_is_named(notify: dict[str, object], said: str) -> None:
    """And what would have been right."""
    with pytest.raises(ConfigError) as refusal:
        check_config(parse_config({"notify": notify}))
    assert said in str(refusal.value)
    assert "S3CRET" not in str(refusal.value)


def test_a_policy_names_channels() -> None:
    """With a severity or without; anything else is refused."""
    config = parse_config({"notify": {"channels": {"ops": SLACK}}, "policy": {"notify": ["ops", "mail critical"]}})
    check_config(config)
    assert config.policies.default.notify == ("ops", "mail critical")
    for wrong in ("ops loud", "Ops", "ops ", "", "ops warning now"):
        with pytest.raises(ConfigError, match="notify"):
            parse_config({"policy": {"notify": [wrong]}})
