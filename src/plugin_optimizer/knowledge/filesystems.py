"""Which file system a path lies on, and whether a database may live there.

SQLite relies on the locks of its file system; those of network file systems are missing or lie
(SQLite, How To Corrupt An SQLite Database File, section 2.1).
"""

import re
from pathlib import Path

from ..domain import ConfigError

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "davfs", "glusterfs", "gpfs", "lustre", "ncpfs"),
        *("nfs", "nfs4", "smb", "smb2", "smb3", "smbfs", "wekafs"),
    }
)
NETWORK_FUSE = frozenset(
    {
        *("fuse.ceph", "fuse.ceph-fuse", "fuse.curlftpfs", "fuse.davfs", "fuse.davfs2", "fuse.gcsfuse"),
        *("fuse.glusterfs", "fuse.juicefs", "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs"),
        *("fuse.sshfs", "fuse.blobfuse", "fuse.goofys", "fuse.moosefs"),
    }
)


def require_local(path: Path) -> None:
    """Raise ConfigError if `path` lies on a network file system. Where the system cannot tell, it is let through."""
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # not Linux, or no /proc
        return
    refuse_network(path, mounts)


def refuse_network(path: Path, mounts: str) -> None:
    """Raise ConfigError if, by this content of mountinfo, `path` lies on a network file system."""
    kind = filesystem_type(path.resolve(), mounts)
    if kind in NETWORK or kind in NETWORK_FUSE:
        raise ConfigError(
            f"{path} lies on a network file system ({kind}), where SQLite's locks do not hold and data is lost; "
            "set the data directory to a local disk, or the state to a postgresql:// URL"
        )


def filesystem_type(path: Path, mounts: str) -> str:
    """Return the type of the mount that holds the absolute `path`; '' when no line says so.

    Format: proc(5), /proc/pid/mountinfo. The longest mount point decides, of equal ones the last (it covers the rest).
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        columns = before.split()
        if not separator or len(columns) < 5:
            continue
        point = Path(_unescaped(columns[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split()[0]
    return kind


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), text)
