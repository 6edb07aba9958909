"""Who stands below a process, and where it was started."""

import os
from collections.abc import Mapping
from pathlib import Path

import psutil

from ..domain import Gone, Unobservable
from .process_identity import ProcessIdentity, ProcessStat, read_process_file, read_stat

READINGS = 8  # of a list of children that keeps changing


def check_alive(identity: ProcessIdentity) -> ProcessStat:
    """Raise Gone unless the very same process still lives."""
    stat = read_stat(identity.pid)
    if not stat.alive or stat.start_ticks != identity.start_ticks:
        raise Gone(f"process {identity.pid} has ended")
    return stat


def children_of(pid: int) -> list[ProcessStat]:
    """Return all children, zombies too. Raises Gone, Unobservable."""
    stats = []
    for child in _child_pids(pid):
        try:
            stat = read_stat(child)
        except Gone:
            continue
        if stat.parent_pid == pid:
            stats.append(stat)
    return stats


def _child_pids(pid: int) -> set[int]:
    """Return the children by the first of two readings that agree.

    While a child ends, the kernel may skip another one that lives (proc(5): reliable only where all are frozen).
    """
    seen = _listed_children(pid)
    for _ in range(READINGS):
        before, seen = seen, _listed_children(pid)
        if seen == before:
            break
    return seen


def _listed_children(pid: int) -> set[int]:
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except FileNotFoundError:  # a thread ended in between
        lists = []
    if lists:
        return {int(child) for text in lists for child in text.split()}
    try:
        return {child.pid for child in psutil.Process(pid).children()}  # kernels without CONFIG_PROC_CHILDREN
    except psutil.NoSuchProcess as error:
        raise Gone(f"process {pid} does not exist any more") from error
    except psutil.Error as error:
        raise Unobservable(f"the children of process {pid} cannot be listed: {error}") from error


def environment_of(pid: int) -> Mapping[str, str]:
    """Return what it was started with; empty where we may not look (another user's)."""
    try:
        content = read_process_file(pid, "environ")
    except Unobservable:
        return {}
    pairs = (os.fsdecode(entry).partition("=") for entry in content.split(b"\0") if b"=" in entry)
    return {name: value for name, _, value in pairs}


def directory_of(pid: int) -> Path | None:
    """Return where it works; None where we may not look."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None
