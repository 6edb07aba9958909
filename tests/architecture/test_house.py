"""The house stays as it was laid out."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_optimizer.touchpoints import SERVERS, TOUCHPOINTS, capabilities

ROOT = Path(__file__).resolve().parents[2]
SEED_PATHS = (
    "app.py",
    "api/plugin_optimization_api.py",
    "core/backend/plugin_optimization_engine.py",
    "frontend/src/components/PluginOptimizationDashboard.tsx",
    "frontend/src/app/plugin-optimization/page.tsx",
    "scripts/test_plugin_optimization.py",
    "docs/PLUGIN_OPTIMIZATION_ENGINE.md",
)
LONGEST_FILE_LINES = 300
LONGEST_HOST_FILE_LINES = 80


def sources() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize("path", SEED_PATHS)
def test_the_seeds_paths_are_there(path: str) -> None:
    """Whoever follows the seed's document finds the files it names."""
    assert (ROOT / path).is_file()


def test_the_layers_hold() -> None:
    """import-linter finds no import against the layers."""
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_files_hold_one_idea() -> None:
    """A file nobody can read in one sitting is two files."""
    long = {path.name: n for path in sources() if (n := len(path.read_text().splitlines())) > LONGEST_FILE_LINES}
    assert not long


def test_no_file_is_a_drawer() -> None:
    """No `utils`, no `helpers`, no `manager`: a name says what is inside."""
    drawers = [p.name for p in sources() if re.search(r"util|helper|manager|misc|common", p.stem)]
    assert drawers == []


def test_the_hosts_files_hold_no_decisions() -> None:
    """`app`, `api` and `core` only point into the package."""
    for folder in ("api", "core"):
        for path in (ROOT / folder).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= LONGEST_HOST_FILE_LINES, path
    assert len((ROOT / "app.py").read_text().splitlines()) <= LONGEST_HOST_FILE_LINES


def test_the_locks_carry_hashes_and_no_addresses() -> None:
    """Every pinned package has a hash; neither lock file says where packages come from."""
    python = (ROOT / "requirements.lock.txt").read_text()
    pins = re.findall(r"^[a-z0-9][\w.-]*==", python, flags=re.MULTILINE)
    assert len(pins) > 20
    assert python.count("--hash=sha256:") >= len(pins)
    assert "http" not in python
    npm = (ROOT / "frontend" / "package-lock.json").read_text()
    assert '"integrity"' in npm
    assert '"resolved": "http' not in npm


def test_the_settings_table_is_what_the_code_says() -> None:
    """docs/CONFIGURATION.md was written from the dataclasses as they are."""
    command = [sys.executable, "scripts/document_settings.py", "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_matrix_of_touchpoints_is_what_they_declare() -> None:
    """The tables of docs/TOUCHPOINTS.md were written from the touchpoints as they are, and what proves them is there."""
    command = [sys.executable, "scripts/document_touchpoints.py", "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_touchpoint_declares_what_it_can_do() -> None:
    """Each kind that can be configured or found has its rows in the matrix."""
    made = [*(make(ROOT) for make in TOUCHPOINTS.values()), *(make(()) for make in SERVERS.values())]
    assert {row for touchpoint in made for row in touchpoint.capabilities} == set(capabilities())
