"""`plugin-optimizer discover`: what runs here, what it takes to watch it, and the configuration file that names it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin_optimizer.cli.configured import add_plugins
from plugin_optimizer.cli.host_survey import unlocks
from plugin_optimizer.cli.main import main
from plugin_optimizer.config import load_config, parse_config
from plugin_optimizer.domain import ConfigError, Knob, Plugin
from plugin_optimizer.touchpoints.bystanders import kind_of
from plugin_optimizer.wording import render
from tests.redis_service import start_redis
from tests.supervisord_service import start_supervisord
from tests.uwsgi_service import start_uwsgi

CONFIG = """\
# what the shop runs on
[engine]
interval_seconds = 2.0   # we are in a hurry

[plugins.orders]         # the heart
name = "orders"
"""
SESSIONS = Plugin("sessions", "redis", {"url": "redis://127.0.0.1:6379", "pid": "12"})


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["discover", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_what_is_added_leaves_everything_else_as_it_was(tmp_path: Path) -> None:
    """Comments, order and spaces stay; what is named already is not touched; the result is a configuration."""
    path = tmp_path / "optimizer.toml"
    path.write_text(CONFIG)
    path.chmod(0o640)
    orders = Plugin("orders", "gunicorn", {"name": "another", "bind": "127.0.0.1:1"})
    assert add_plugins(path, [orders, SESSIONS]) == ["sessions"]
    text = path.read_text()
    assert text.startswith(CONFIG.rstrip())
    assert path.stat().st_mode & 0o777 == 0o640
    plugins = {plugin.plugin_id: plugin for plugin in load_config(path).plugins}
    assert plugins["sessions"] == Plugin("sessions", "redis", {"url": "redis://127.0.0.1:6379"})
    assert plugins["orders"].address == {"name": "orders"}
    assert add_plugins(path, [SESSIONS]) == []
    assert path.read_text() == text


def test_a_file_that_is_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """The first `--write` on a host; a gunicorn is named by what stays the same at its next start."""
    path = tmp_path / "new.toml"
    address = {"name": "menu", "bind": "127.0.0.1:8001", "pid": "7", "python": "/usr/bin/python3", "cwd": "/srv"}
    assert add_plugins(path, [Plugin("menu", "gunicorn", address)]) == ["menu"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_config(path).plugins == (Plugin("menu", "gunicorn", {"name": "menu", "bind": "127.0.0.1:8001"}),)


def test_a_broken_file_is_not_overwritten(tmp_path: Path) -> None:
    """What is no TOML, or no configuration of ours, is said and left alone."""
    for text in ("[plugins", "[engine]\nno_such_setting = 1\n"):
        path = tmp_path / "optimizer.toml"
        path.write_text(text)
        with pytest.raises(ConfigError):
            add_plugins(path, [SESSIONS])
        assert path.read_text() == text


def test_where_nothing_can_be_written_it_says_what_would_have_been_right(tmp_path: Path) -> None:
    """A folder that is not there is named, and so is the option that was left out."""
    with pytest.raises(ConfigError, match=r"there is no folder .*/nowhere; make it, or name another file"):
        add_plugins(tmp_path / "nowhere" / "engine.toml", [Plugin("orders", "gunicorn", {"bind": "127.0.0.1:1"})])
    asked = CliRunner().invoke(main, ["discover", "--write"], env={"PLUGIN_OPTIMIZER_CONFIG": ""})
    assert asked.exit_code != 0
    assert "--config engine.toml" in asked.output


def test_a_password_is_named_and_never_written_down() -> None:
    """An address is kept in the state and shown to people."""
    for table in ({"url": "redis://:secret@127.0.0.1"}, {"url": "redis://127.0.0.1", "password": "secret"}):
        with pytest.raises(ConfigError, match="password"):
            parse_config({"plugins": {"sessions": {"touchpoint": "redis", **table}}})
    named = {"touchpoint": "redis", "url": "rediss://app:$CACHE_PASSWORD@cache.example:6380/1"}
    assert parse_config({"plugins": {"sessions": named}}).plugins[0].address["url"] == named["url"]


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (("/srv/venv/bin/uvicorn", "shop:app", "--workers", "4"), "uvicorn"),
        (("/usr/bin/python3", "-m", "celery", "-A", "shop", "worker"), "celery"),
        (("/usr/bin/python3.11", "/srv/venv/bin/hypercorn", "shop:app"), "hypercorn"),
        (("uwsgi", "--ini", "shop.ini"), "uwsgi"),
        (("/usr/bin/python3", "-u", "/srv/shop/manage.py"), None),
        (("vim", "uvicorn"), None),
        (("python3",), None),
        ((), None),
    ],
)
def test_known_programs_are_known_by_their_command_line(command: Sequence[str], kind: str | None) -> None:
    """Run directly, as a module, or as a script of an environment; a file that is only named so is not one."""
    assert kind_of(command) == kind


def test_one_line_is_named_for_each_kind_and_only_where_it_is_missing() -> None:
    """The probe, a config file, a file of Redis, the option of Celery; nothing of what is there already."""
    lasting, lost = Knob("workers", 2), Knob("workers", 2, persistent=False)

    def codes(kind: str, knob: Knob, *, probed: bool) -> list[str]:
        messages = unlocks(Plugin("p", kind), (knob,), probed=probed)
        assert all(render(message, "ko") != render(message, "en") for message in messages)
        return [message.code for message in messages]

    assert codes("gunicorn", lost, probed=False) == ["unlock_instrument", "unlock_config_file"]
    assert codes("gunicorn", lasting, probed=True) == []
    assert codes("redis", lost, probed=False) == ["unlock_redis_file"]
    assert codes("redis", lasting, probed=False) == []
    assert codes("uwsgi", lasting, probed=False) == ["unlock_instrument"]
    assert codes("uwsgi", lasting, probed=True) == []
    assert codes("celery", lost, probed=False) == ["unlock_celery_tasks"]
    assert codes("celery", lost, probed=True) == []


@pytest.mark.live
def test_a_redis_nobody_prepared_is_found_told_and_written(tmp_path: Path) -> None:
    """What it senses, what it turns, what one line would unlock, in both languages; `--write` makes it a plugin."""
    path = tmp_path / "optimizer.toml"
    path.write_text(f'# ours\n[engine]\nstate_dir = "{tmp_path}/state"\nhome = "{tmp_path}/home"\n')
    with (
        start_redis(tmp_path, "--maxmemory", "8mb", "--maxmemory-policy", "allkeys-lru") as service,
        start_redis(tmp_path, "--requirepass", "secret", password="secret") as locked,
    ):
        name = f"redis-{service.port}"
        listed = {one["plugin_id"]: one for one in json.loads(run("--config", str(path), "--json").output)}
        assert listed[name]["turns"] == ["maxmemory", "maxmemory-policy"]
        assert {"memory_bytes", "cache_entries", "evictions_per_second"} <= set(listed[name]["senses"])
        assert [line["code"] for line in listed[name]["unlocks"]] == ["unlock_redis_file"]
        assert "password" in listed[f"redis-{locked.port}"]["trouble"]
        said = {lang: run("--config", str(path), "--write", "--lang", lang).output for lang in ("en", "ko")}
        assert f"added to {path}" in said["en"]
        assert "재시작" in said["ko"]
        assert path.read_text().count(f"[plugins.{name}]") == 1
        plugins = {plugin.plugin_id: plugin for plugin in load_config(path).plugins}
        assert plugins[name].address == {"url": service.url}
        assert f"redis-{locked.port}" not in plugins
        assert path.read_text().startswith("# ours\n")


@pytest.mark.live
def test_a_uwsgi_and_a_supervisord_nobody_prepared_are_found_told_and_written(tmp_path: Path) -> None:
    """Each with what it senses, what it turns and the line that would unlock more; `--write` makes them plugins."""
    path = tmp_path / "optimizer.toml"
    path.write_text(f'[engine]\nstate_dir = "{tmp_path}/state"\nhome = "{tmp_path}/home"\n')
    with start_uwsgi(tmp_path / "shop") as shop, start_supervisord(tmp_path / "s") as service:
        found = json.loads(run("--config", str(path), "--json").output)
        uwsgi = next(one for one in found if one["address"].get("bind") == f"127.0.0.1:{shop.port}")
        assert {"workers", "max-requests"} <= set(uwsgi["turns"])
        assert {"requests", "busy_ratio", "workers"} <= set(uwsgi["senses"])
        assert [line["code"] for line in uwsgi["unlocks"]] == ["unlock_instrument"]
        wanted = {"group": "tasks", "url": service.rpc.url}
        tasks = next(one for one in found if wanted.items() <= one["address"].items())
        assert tasks["turns"] == ["processes"]
        assert {"failed_workers", "memory_bytes"} <= set(tasks["senses"])
        run("--config", str(path), "--write")
        plugins = {plugin.plugin_id: plugin for plugin in load_config(path).plugins}
        assert plugins[tasks["plugin_id"]].address == wanted
        assert plugins[uwsgi["plugin_id"]].address["bind"] == f"127.0.0.1:{shop.port}"


def test_writing_needs_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name there is nothing to write to, and it says how to give one."""
    monkeypatch.setenv("PLUGIN_OPTIMIZER_HOME", str(tmp_path))
    monkeypatch.delenv("PLUGIN_OPTIMIZER_CONFIG", raising=False)
    assert "--config" in run("--write", code=1).output
