"""Databases are kept off network file systems."""

from pathlib import Path

import pytest

from plugin_optimizer.domain import ConfigError
from plugin_optimizer.knowledge.filesystems import filesystem_type, refuse_network, require_local

MOUNTS = r"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:40 / /srv rw - nfs4 server:/srv rw,vers=4.2
31 30 0:41 / /srv/local rw - xfs /dev/sdb rw
32 22 0:42 / /mnt/my\040share rw master:3 - cifs //host/share rw
33 22 0:43 / /home/ann/remote rw - fuse.sshfs ann@host: rw
34 22 0:44 / /twice rw - 9p host rw
35 22 0:45 / /twice rw - tmpfs none rw
not a line of this file
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/x/state.db", "ext4"),
        ("/srv/state.db", "nfs4"),
        ("/srv/local/state.db", "xfs"),
        ("/srvother/state.db", "ext4"),
        ("/mnt/my share/state.db", "cifs"),
        ("/home/ann/remote/a/b", "fuse.sshfs"),
        ("/twice/state.db", "tmpfs"),
    ],
)
def test_the_innermost_mount_decides(path: str, kind: str) -> None:
    """The longest mount point that holds the path tells its type; a later mount covers an earlier one."""
    assert filesystem_type(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("path", ["/srv/state.db", "/mnt/my share/state.db", "/home/ann/remote/state.db"])
def test_a_network_file_system_is_refused_with_advice(path: str) -> None:
    """The message says what is wrong and what to do instead."""
    with pytest.raises(ConfigError, match=r"network file system .*set the data directory to a local disk"):
        refuse_network(Path(path), MOUNTS)


def test_a_local_disk_is_let_through(tmp_path: Path) -> None:
    """By the mounts of a table and by those of this very host."""
    refuse_network(Path("/srv/local/state.db"), MOUNTS)
    require_local(tmp_path / "state.db")
