"""Where the demo keeps its files."""

import os
from pathlib import Path

import pytest

from plugin_optimizer.demo.layout import SOCKET_PATH_BYTES, Layout, default_directory


def test_control_sockets_fit_into_the_kernel_s_limit(tmp_path: Path) -> None:
    """However deep the directory is, the path of a Unix socket stays short, and differs between directories."""
    deep = [Layout(tmp_path / ("deep" * 30) / name) for name in ("one", "two")]
    paths = {layout.control_socket("recommendations") for layout in deep}
    assert len(paths) == 2
    assert all(len(os.fsencode(path)) <= SOCKET_PATH_BYTES for path in paths)


def test_a_short_directory_holds_its_own_sockets() -> None:
    """Where it can be, everything stands below one directory."""
    assert Layout(Path("/d")).control_socket("menu") == Path("/d/run/menu.ctl")


def test_folders_are_private(tmp_path: Path) -> None:
    """State, probes and credentials are the owner's alone."""
    layout = Layout(tmp_path / "demo")
    layout.create(("menu",))
    assert all(path.stat().st_mode & 0o077 == 0 for path in (layout.directory, layout.home, layout.state))


def test_a_checkout_keeps_its_demo_in_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere it goes to the user's state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    assert default_directory() == tmp_path / "state" / "plugin-optimizer" / "demo"
    (tmp_path / "src" / "plugin_optimizer" / "demo").mkdir(parents=True)
    assert default_directory() == tmp_path / "var" / "demo"
