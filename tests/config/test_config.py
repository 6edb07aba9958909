"""The configuration says what is wrong with it."""

from pathlib import Path

import pytest

from plugin_optimizer.config import Config, load_config, parse_config
from plugin_optimizer.domain import ConfigError, Mode
from plugin_optimizer.execute.policy_layers import merge_policies


def test_without_a_file_the_defaults_of_the_seed_hold() -> None:
    """CPU 80 %, memory 80 %, errors 5 %, response time 1000 ms, a turn each 5 s."""
    config = Config()
    policy = config.policies.of("anything")
    assert (policy.cpu_ratio, policy.memory_ratio, policy.error_ratio, policy.response_time_seconds) == (
        0.8,
        0.8,
        0.05,
        1.0,
    )
    assert config.engine.interval_seconds == 5.0
    assert config.server.host == "127.0.0.1"
    assert config.server.port == 5000


def test_a_file_is_read_with_its_plugins(tmp_path: Path) -> None:
    """A plugin's address, labels and policy come from its table; the rest of its policy from the default."""
    file = tmp_path / "optimizer.toml"
    file.write_text(
        '[policy]\nerror_ratio = 0.02\n[plugins.orders]\nname = "orders"\nlabels = {team = "shop"}\n'
        '[plugins.orders.policy]\nmode = "automatic"\nmax_workers = 8\n'
    )
    config = load_config(file)
    assert config.plugins[0].address == {"name": "orders"}
    assert config.plugins[0].labels == {"team": "shop"}
    policy = config.policies.of("orders")
    assert (policy.mode, policy.max_workers, policy.error_ratio) == (Mode.AUTOMATIC, 8, 0.02)


def test_later_layers_win_and_the_plugin_wins_over_the_default() -> None:
    """What people stored wins over the file; what is said of one plugin wins over what is said of all."""
    file = {"": {"error_ratio": 0.02}, "orders": {"cpu_ratio": 0.5}}
    stored = {"": {"error_ratio": 0.03, "cpu_ratio": 0.9}}
    policies = merge_policies(file, stored)
    assert policies.of("orders").error_ratio == 0.03
    assert policies.of("orders").cpu_ratio == 0.5
    assert policies.of("menu").cpu_ratio == 0.9


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"agent": {"address": "10.0.0.2:7443"}}, "agent.separate = true"),
        ({"sever": {}}, "sever is not a setting"),
        ({"server": {"prot": 1}}, "server.prot is not a setting"),
        ({"server": {"port": "x"}}, "server: Expected `int`"),
        ({"server": {"port": 0}}, "expected 1 to 65535"),
        ({"policy": {"error_ratio": 5}}, "policy.error_ratio is 5"),
        ({"policy": {"error_ratio": float("nan")}}, "policy.error_ratio is nan"),
        ({"policy": {"mode": "yolo"}}, "Invalid enum value"),
        (
            {"plugins": {"orders": {"policy": {"min_workers": 9, "max_workers": 3}}}},
            "min_workers is 9; expected at most max_workers, which is 3",
        ),
        ({"policy": {"max_connections": 0}}, "max_connections is 0; expected 1 to 100000"),
        ({"policy": {"connections_per_worker": 0}}, "connections_per_worker is 0; expected 1 to 100000"),
        ({"engine": {"interval_seconds": 0.0}}, "interval_seconds is 0"),
    ],
)
def test_what_does_not_fit_is_named(document: dict[str, object], told: str) -> None:
    """The error names the key and what would have been right."""
    with pytest.raises(ConfigError, match=told):
        parse_config(document)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    """A file that is not there, or is not TOML, is said to be so."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[server\n")
    with pytest.raises(ConfigError, match="is not TOML"):
        load_config(broken)


def test_a_list_in_an_address_is_kept_as_what_it_is(tmp_path: Path) -> None:
    """A command's arguments stay apart from each other; a secret written among them is refused."""
    file = tmp_path / "optimizer.toml"
    file.write_text('[plugins.mailer]\ntouchpoint = "command"\ncommand = ["/bin/knob", "a b", "c"]\n')
    assert load_config(file).plugins[0].address == {"command": '["/bin/knob","a b","c"]'}
    file.write_text('[plugins.mailer]\ntouchpoint = "webhook"\nurl = "https://host/"\nsecret = "written down"\n')
    with pytest.raises(ConfigError, match=r"plugins\.mailer\.secret: secret holds a secret"):
        load_config(file)
