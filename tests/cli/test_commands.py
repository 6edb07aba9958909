"""The command line against a real server over real stores."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from web.conftest import make_app
from web.small_system import SmallSystem, add_plugin, finish, offer, record_cycle, small_system
from werkzeug.serving import make_server

from plugin_optimizer.cli import main
from plugin_optimizer.cli.main import COMMANDS
from plugin_optimizer.cli.output import print_table
from plugin_optimizer.domain import Message, Silence
from plugin_optimizer.web import token as tokens


class Shell:
    """Runs commands as a person with an address and a token in the environment would."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def __call__(self, *words: str, code: int = 0, text: str | None = None) -> Result:
        result = CliRunner().invoke(main, list(words), env=self.environment, input=text)
        assert result.exit_code == code, (result.output, result.exception)
        return result


@pytest.fixture
def system(tmp_path: Path) -> Iterator[SmallSystem]:
    made = small_system(tmp_path / "state")
    yield made
    made.close()


@pytest.fixture
def shell(system: SmallSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    secret = tokens.mint()
    system.state.save_token("admin", "admin", tokens.digest(secret), time.time() + 600, time.time())
    server = make_server("127.0.0.1", 0, make_app(system), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text(f"[engine]\nstate_dir = '{tmp_path / 'state'}'\nhome = '{tmp_path / 'home'}'\n")
    yield Shell(
        {
            "PLUGIN_OPTIMIZER_URL": f"http://127.0.0.1:{server.server_port}",
            "PLUGIN_OPTIMIZER_TOKEN": secret,
            "PLUGIN_OPTIMIZER_CONFIG": str(config),
            "LANG": "en_GB.UTF-8",
            "LC_ALL": "",
        }
    )
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_command_explains_itself() -> None:
    """`--help` works everywhere and names what the group's list names."""
    listed = CliRunner().invoke(main, ["--help"]).output
    for name in COMMANDS:
        assert name in listed
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0
    assert CliRunner().invoke(main, ["nonsense"]).exit_code == 2


def test_status_shows_the_fleet(system: SmallSystem, shell: Shell) -> None:
    """A table for people, JSON for scripts."""
    add_plugin(system)
    record_cycle(system)
    assert "orders" in shell("status").output
    whole = json.loads(shell("status", "--json").output)
    assert whole["plugins"][0]["cpu_usage"] == 25


def test_suggest_execute_history_rollback(system: SmallSystem, shell: Shell) -> None:
    """The whole way in four commands; executing twice is no error and changes once."""
    suggestion = offer(system)
    assert suggestion.id in shell("suggestions").output
    shell("execute", suggestion.id)
    shell("execute", suggestion.id)
    (execution,) = system.state.executions()
    finish(system, execution.id)
    assert "success" in shell("history").output
    assert "workers: 2 → 4" in shell("history", "--plugin", "orders").output
    assert json.loads(shell("rollback", execution.id, "--json").output)["state"] == "rb_intent"


def test_waiting_for_the_verdict(system: SmallSystem, shell: Shell) -> None:
    """`execute --wait` ends with the execution: exit code 0 for a kept change, 1 at the timeout."""
    suggestion = offer(system)
    shell("execute", suggestion.id, "--wait", "--timeout", "0.1", code=1)
    finish(system, system.state.executions()[0].id)
    assert "succeeded" in shell("execute", suggestion.id, "--wait").output
    assert json.loads(shell("execute", suggestion.id, "--wait", "--json").output)["result"] == "success"


def test_what_the_server_refuses_is_said(shell: Shell) -> None:
    """Exit code 1 with the problem's own words."""
    assert "404" in shell("execute", "sg_none", code=1).output
    assert "404" in shell("rollback", "ex_none", code=1).output
    assert "400" in shell("suggestions", "--state", "nonsense", code=1).output


def test_no_server_is_a_clear_message(shell: Shell) -> None:
    """Exit code 1, the address, and what to do."""
    shell.environment["PLUGIN_OPTIMIZER_URL"] = "http://127.0.0.1:9"
    said = shell("status", code=1).output
    assert "http://127.0.0.1:9" in said
    assert "--url" in said
    assert "expected http" in shell("status", "--url", "file:///etc/passwd", code=2).output


def test_a_policy_is_shown_and_set(system: SmallSystem, shell: Shell) -> None:
    """FIELD=VALUE, words and numbers, null for the default; nonsense is refused by the server."""
    add_plugin(system)
    assert "max_workers" in shell("policy", "show").output
    assert "mode = automatic" in shell("policy", "set", "orders", "mode=automatic", "max_workers=8").output
    shell("policy", "set", "orders", "max_workers=null")
    assert system.state.policies() == {"orders": {"mode": "automatic"}}
    shell("policy", "set", "orders", "mode=nonsense", code=1)
    shell("policy", "set", "orders", "mode", code=2)


def test_the_doctor_answers_with_and_without_a_server(system: SmallSystem, shell: Shell) -> None:
    """The same answers from the server and, when none answers, from the files of this host."""
    add_plugin(system)
    record_cycle(system)
    online = shell("doctor", "--all").output
    assert "No cache is known" in online
    assert "No cache is known" in shell("doctor", "--plugin", "orders").output
    shell.environment["PLUGIN_OPTIMIZER_URL"] = "http://127.0.0.1:9"
    offline = shell("doctor", "--all").output
    assert "cannot be reached" in offline
    assert "No cache is known" in offline


def test_the_doctor_leaves_out_what_a_plugin_has_not(system: SmallSystem, shell: Shell) -> None:
    """What says something stays, what is true of nearly every plugin is counted."""
    add_plugin(system)
    record_cycle(
        system,
        silences=tuple(
            Silence("orders", "a planner", Message(code, {})) for code in ("no_cache", "within_slo", "no_task_queue")
        ),
    )
    said = shell("doctor").output
    assert "Within its objective" in said
    assert "No cache is known" not in said
    assert "2 more" in said
    whole = shell("doctor", "--all").output
    assert "  • orders\n      No cache is known\n" in whole


def test_letters_that_take_two_columns_are_counted_as_two(capsys: pytest.CaptureFixture[str]) -> None:
    """A column after Korean words begins where it begins after Latin ones."""
    print_table(("what", "n"), [("워커 늘리기", 1), ("increase", 2)], "")
    _, korean, latin = capsys.readouterr().out.splitlines()
    assert korean == "워커 늘리기  1"
    assert latin == "increase     2"


def test_the_doctor_without_a_token_says_so(shell: Shell) -> None:
    """401 is an answer: log in, and how."""
    shell.environment["PLUGIN_OPTIMIZER_TOKEN"] = ""
    assert "token create" in shell("doctor").output


def test_tokens_are_made_listed_and_revoked(shell: Shell) -> None:
    """A token made here works at the server; revoked, it does not."""
    secret = shell("token", "create", "ci", "--role", "viewer").output.strip()
    assert "viewer" in shell("token", "list").output
    assert secret not in shell("token", "list").output
    shell.environment["PLUGIN_OPTIMIZER_TOKEN"] = secret
    shell("suggestions")
    shell("policy", "set", "default", "mode=observe", code=1)
    shell("token", "create", "ci", code=1)
    shell("token", "revoke", "ci")
    assert "401" in shell("suggestions", code=1).output
    shell("token", "revoke", "ci", code=1)


def test_users_are_added_and_get_new_passwords(system: SmallSystem, shell: Shell) -> None:
    """Asked for twice where it is not given; too short is refused; no password is ever shown."""
    shell("user", "add", "kim", "--role", "admin", text="long enough\nlong enough\n")
    shell("user", "add", "kim", "--password", "another one", code=1)
    shell("user", "add", "lee", "--password", "short", code=1)
    shell("user", "password", "nobody", "--password", "another one", code=1)
    before = system.state.user("kim")
    shell("user", "password", "kim", "--password", "another one")
    after = system.state.user("kim")
    assert before is not None
    assert after is not None
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_the_demos_credentials_are_found_and_kept_to_the_demo(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """var/demo/credentials.json gives address and token; the token never goes to another address."""
    left = {"url": shell.environment["PLUGIN_OPTIMIZER_URL"], "token": shell.environment["PLUGIN_OPTIMIZER_TOKEN"]}
    (tmp_path / "var/demo").mkdir(parents=True)
    (tmp_path / "var/demo/credentials.json").write_text(json.dumps(left))
    shell.environment |= {"PLUGIN_OPTIMIZER_URL": "", "PLUGIN_OPTIMIZER_TOKEN": ""}
    shell("suggestions")
    same_server = left["url"].replace("127.0.0.1", "localhost")
    assert "401" in shell("suggestions", "--url", same_server, code=1).output


def test_discover_lists_without_watching(shell: Shell, system: SmallSystem) -> None:
    """It looks, and nothing becomes a plugin by that."""
    assert isinstance(json.loads(shell("discover", "--json").output), list)
    assert system.state.plugins() == []


def test_the_version_is_the_packages() -> None:
    """One version everywhere."""
    from plugin_optimizer import __version__

    assert __version__ in CliRunner().invoke(main, ["version"]).output
