"""The two receivers run as their first lines say, and the optimizer finds them by the tables that stand there."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from gunicorn_service import free_port
from knob_receiver import running

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = pytest.mark.live


def table_of(example: str) -> str:
    """Return the configuration that an example's first lines show."""
    text = re.search(r"\n( +\[plugins\.mailer\]\n(?: +\S.*\n)+)", (EXAMPLES / example).read_text())
    assert text
    return textwrap.dedent(text[1])


def discovered(tmp_path: Path, table: str, **environment: str) -> dict[str, object]:
    """Return what `plugin-optimizer discover` says of the mailer under this configuration."""
    config = tmp_path / "optimizer.toml"
    config.write_text(f'[engine]\nstate_dir = "{tmp_path / "state"}"\nhome = "{tmp_path / "home"}"\n{table}')
    command = [sys.executable, "-m", "plugin_optimizer.cli", "discover", "--json", "--config", str(config)]
    told = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=True
    )
    found: list[dict[str, object]] = json.loads(told.stdout)
    return next(one for one in found if one["plugin_id"] == "mailer")


def test_the_endpoint_is_found_with_its_knob(tmp_path: Path) -> None:
    """Its table, its secret in both environments."""
    port, secret = free_port(), {"MAILER_SECRET": "a secret of this test"}
    command = [sys.executable, "-m", "flask", "--app", str(EXAMPLES / "07_webhook_receiver.py"), "run"]
    table = table_of("07_webhook_receiver.py").replace("8700", str(port))
    with running([*command, "--port", str(port)], port, {**secret, "MAILER_FILE": str(tmp_path / "mailer.json")}):
        mailer = discovered(tmp_path, table, **secret)
        assert (mailer["turns"], mailer["lasting"], mailer["trouble"]) == (["pool_size"], ["pool_size"], None)
        assert mailer["senses"] == ["up", "workers"]
        other = discovered(tmp_path, table, MAILER_SECRET="another")
        assert "are its secret and its clock ours" in str(other["trouble"])
        assert other["unlocks"] == []


def test_the_command_is_found_with_its_knob(tmp_path: Path) -> None:
    """Its table with this machine's paths, and the line to try it by hand."""
    program, file = EXAMPLES / "08_command_receiver.py", tmp_path / "mailer.json"
    file.write_text('{"pool_size": 4}')
    table = table_of(program.name).replace("/opt/mailer", str(EXAMPLES)).replace("/etc/mailer.json", str(file))
    mailer = discovered(tmp_path, table.replace("/usr/bin/python3", sys.executable))
    assert (mailer["turns"], mailer["senses"]) == (["pool_size"], ["up", "workers"])
    question = '{"version": 1, "operation": "read", "plugin": "mailer"}'
    assert question in program.read_text()
    told = subprocess.run([sys.executable, program, file], input=question, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout)["knobs"][0]["value"] == 4
