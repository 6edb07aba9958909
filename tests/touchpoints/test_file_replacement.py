"""Replacing a file that belongs to somebody who relies on it."""

import os
from pathlib import Path

import pytest

from plugin_optimizer.domain import Refused
from plugin_optimizer.touchpoints.file_replacement import read_replaceable, replace_content


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gunicorn.conf.py"
    path.write_bytes(b"workers = 1\n")
    return path


def test_only_the_content_changes(config: Path) -> None:
    """Mode, owner and attributes stay; no other file is left behind."""
    config.chmod(0o640)
    before = config.stat()
    try:
        os.setxattr(config, "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no attributes of users")
    replace_content(read_replaceable(config), b"workers = 4\n")
    after = config.stat()
    assert config.read_bytes() == b"workers = 4\n"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.getxattr(config, "user.note") == b"kept"
    assert list(config.parent.iterdir()) == [config]


def test_a_cached_config_is_not_taken_for_current(config: Path) -> None:
    """Same size, same second: the time of modification is moved on, or Python would read its cache."""
    for content in (b"workers = 2\n", b"workers = 3\n"):
        before = int(config.stat().st_mtime)
        replace_content(read_replaceable(config), content)
        assert int(config.stat().st_mtime) != before


def test_a_change_by_somebody_else_is_not_overwritten(config: Path) -> None:
    """What changed after it was read is left as it is."""
    read = read_replaceable(config)
    config.write_bytes(b"workers = 10\n")
    with pytest.raises(Refused, match="somebody else"):
        replace_content(read, b"workers = 2\n")
    assert config.read_bytes() == b"workers = 10\n"
    assert list(config.parent.iterdir()) == [config]


def test_links_are_followed_within_their_directory_only(config: Path, tmp_path: Path) -> None:
    """A link beside its file stays a link; one that leads elsewhere is refused."""
    beside = tmp_path / "current.py"
    beside.symlink_to(config.name)
    replace_content(read_replaceable(beside), b"workers = 5\n")
    assert beside.is_symlink()
    assert config.read_bytes() == b"workers = 5\n"
    (tmp_path / "sub").mkdir()
    elsewhere = tmp_path / "sub" / "conf.py"
    elsewhere.symlink_to(config)
    with pytest.raises(Refused, match="link"):
        read_replaceable(elsewhere)


def test_files_better_left_alone_are_refused(config: Path, tmp_path: Path) -> None:
    """A directory, a pipe, nothing at all, a file with two names, one that everybody may write."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "nothing"):
        with pytest.raises(Refused):
            read_replaceable(path)
    config.chmod(0o666)
    with pytest.raises(Refused, match="everybody"):
        read_replaceable(config)
    config.chmod(0o644)
    os.link(config, tmp_path / "second")
    with pytest.raises(Refused, match="one name"):
        read_replaceable(config)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_refused(config: Path) -> None:
    """Even root does not write where another user could swap the file."""
    os.chown(config, 65534, 65534)
    with pytest.raises(Refused, match="belongs to user 65534"):
        read_replaceable(config)
