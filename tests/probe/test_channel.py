"""What the channel on disk promises to both of its sides."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plugin_optimizer.probe import channel
from plugin_optimizer.probe.places import make_private, process_directory
from plugin_optimizer.probe.report import Report, encode, report_path


def report_of(process: channel.ProcessIdentity) -> Report:
    return Report(process.pid, process.start_ticks, 1.0, 3, 2.0, "gunicorn", (), ())


def leave_report(home: Path, plugin: str, process: channel.ProcessIdentity, content: bytes | None = None) -> None:
    make_private(home, process_directory(home, plugin))
    report_path(home, plugin, process).write_bytes(encode(report_of(process)) if content is None else content)


def test_a_written_setting_is_read_with_its_version(tmp_path: Path) -> None:
    """Each change raises the version, and each value knows the version it came in."""
    assert channel.write_setting(tmp_path, "orders", "batch", 5) == 1
    assert channel.write_setting(tmp_path, "orders", "pool", "large") == 2
    settings = channel.read_settings(tmp_path, "orders")
    assert settings.version == 2
    assert settings.values == {"batch": 5, "pool": "large"}
    assert settings.versions == {"batch": 1, "pool": 2}


def test_writing_a_value_twice_changes_once(tmp_path: Path) -> None:
    """A repeated order is no new version."""
    first = channel.write_setting(tmp_path, "orders", "batch", 5)
    content = (tmp_path / "plugins/orders/settings.json").stat().st_ino
    assert channel.write_setting(tmp_path, "orders", "batch", 5) == first
    assert (tmp_path / "plugins/orders/settings.json").stat().st_ino == content


def test_true_is_not_one(tmp_path: Path) -> None:
    """A switch and a number that compare equal in Python are different settings."""
    channel.write_setting(tmp_path, "orders", "switch", 1)
    assert channel.write_setting(tmp_path, "orders", "switch", value=True) == 2


def test_a_dropped_setting_is_gone_and_the_version_grows(tmp_path: Path) -> None:
    """Dropping is a change too; dropping what is not there is none."""
    channel.write_setting(tmp_path, "orders", "batch", 5)
    assert channel.drop_setting(tmp_path, "orders", "batch") == 2
    assert channel.drop_setting(tmp_path, "orders", "batch") == 2
    assert channel.read_settings(tmp_path, "orders").values == {}


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """Twenty settings written by four threads are all there."""
    with ThreadPoolExecutor(4) as pool:
        versions = list(pool.map(lambda n: channel.write_setting(tmp_path, "orders", f"knob{n}", n), range(20)))
    assert sorted(versions) == list(range(1, 21))
    assert len(channel.read_settings(tmp_path, "orders").values) == 20


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, [1], "x" * 2000])
def test_values_that_cannot_be_kept_are_refused(tmp_path: Path, value: object) -> None:
    """What JSON or a knob could not hold is refused before anything is written."""
    with pytest.raises((ValueError, TypeError)):
        channel.write_setting(tmp_path, "orders", "batch", value)  # type: ignore[arg-type]
    assert not (tmp_path / "plugins/orders/settings.json").exists()


@pytest.mark.parametrize("plugin", ["../evil", "", "a/b", "-x", "x" * 64])
def test_a_plugin_id_never_leads_out_of_the_home(tmp_path: Path, plugin: str) -> None:
    """Only plugin identifiers name directories."""
    with pytest.raises(ValueError, match="plugin id"):
        channel.write_setting(tmp_path, plugin, "batch", 5)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version": 1}', b'{"version": 1, "values": {"a": 3}}', b"\xff"]
)
def test_a_broken_settings_file_is_named_and_replaced_by_the_next_write(tmp_path: Path, content: bytes) -> None:
    """Readers are told; the next order makes it whole again."""
    channel.write_setting(tmp_path, "orders", "batch", 5)
    (tmp_path / "plugins/orders/settings.json").write_bytes(content)
    with pytest.raises(channel.SettingsCorrupt):
        channel.read_settings(tmp_path, "orders")
    channel.write_setting(tmp_path, "orders", "batch", 6)
    assert channel.read_settings(tmp_path, "orders").values == {"batch": 6}


def test_files_and_directories_are_the_owners_alone(tmp_path: Path) -> None:
    """Directories 0700, files 0600, whatever the umask says."""
    before = os.umask(0)
    try:
        channel.write_setting(tmp_path / "home", "orders", "batch", 5)
    finally:
        os.umask(before)
    for path in [tmp_path / "home", *(tmp_path / "home").rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_a_home_open_to_others_is_refused(tmp_path: Path) -> None:
    """Where others may write, nothing is read or written."""
    tmp_path.chmod(0o777)
    with pytest.raises(channel.ChannelRefused, match="chmod 700"):
        channel.write_setting(tmp_path, "orders", "batch", 5)
    with pytest.raises(channel.ChannelRefused):
        channel.reports(tmp_path, "orders")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_home_of_another_user_is_refused(tmp_path: Path) -> None:
    """Another user's home is not ours to read or to write."""
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(channel.ChannelRefused, match="belongs to user 12345"):
        channel.read_settings(tmp_path, "orders")


def test_only_live_processes_report(tmp_path: Path) -> None:
    """A dead process, and one whose pid was given to another, are not there."""
    own = channel.ProcessIdentity.own()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for process in (own, channel.ProcessIdentity(ended.pid, 1), channel.ProcessIdentity(own.pid, own.start_ticks + 1)):
        leave_report(tmp_path, "orders", process)
    assert [report.pid for report in channel.reports(tmp_path, "orders")] == [own.pid]
    assert channel.processes(tmp_path, "orders") == [own]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"pid": "x"}', b"\x00" * 100])
def test_a_broken_report_is_left_out(tmp_path: Path, content: bytes) -> None:
    """Half-written or foreign reports never raise."""
    leave_report(tmp_path, "orders", channel.ProcessIdentity.own(), content)
    assert channel.reports(tmp_path, "orders") == []


def test_the_start_of_this_process_is_known_in_unix_time() -> None:
    """The start time agrees with what psutil says of the same process."""
    import psutil

    assert abs(channel.ProcessIdentity.own().start_time - psutil.Process().create_time()) < 2.0


def test_the_home_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PLUGIN_OPTIMIZER_HOME names it; nothing has to exist yet."""
    monkeypatch.setenv("PLUGIN_OPTIMIZER_HOME", str(tmp_path / "elsewhere"))
    assert channel.home() == tmp_path / "elsewhere"
    assert channel.plugins(channel.home()) == []
    assert channel.read_settings(channel.home(), "orders") == channel.Settings()


def test_importing_the_probe_stays_light() -> None:
    """Neither numpy nor Flask comes in with it."""
    code = "import sys, plugin_optimizer.probe, json; print(json.dumps([m for m in ('numpy', 'flask') if m in sys.modules]))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []
