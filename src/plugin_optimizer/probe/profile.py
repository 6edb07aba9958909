"""What is asked of a process about itself, and what it answers: two small files of JSON in the channel."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from .places import ProcessIdentity, make_private, plugin_directory, process_directory, write_atomically

Kind = Literal["cpu", "memory"]
State = Literal["running", "done", "refused"]

STANDING = "standing"  # the request that nobody made: a sampler that always runs
LONGEST_SECONDS = {"cpu": 300.0, "memory": 60.0}
_LARGEST_BYTES = 4 << 20
_ENTRIES_WRITTEN = 400


@dataclass(frozen=True, slots=True)
class ProfileRequest:
    """One question to the processes of a plugin; `pid` 0 asks all of them. `asked_at` in Unix seconds."""

    request: str
    kind: Kind
    seconds: float
    pid: int
    asked_at: float

    @property
    def until(self) -> float:
        return self.asked_at + self.seconds


@dataclass(frozen=True, slots=True)
class CpuEntry:
    """CPU of one function: in requests of a Blueprint ('' outside of them), within a hook of a plugin ('' if in none)."""

    blueprint: str
    hook: str
    package: str
    function: str
    cpu_seconds: float
    looks: int


@dataclass(frozen=True, slots=True)
class MemoryEntry:
    """What one line (file:number; '' for the rest of a package) allocated during a burst and did not give back."""

    package: str
    place: str
    size_bytes: int
    blocks: int


@dataclass(frozen=True, slots=True)
class ProcessProfile:
    """The answer of one process. `reason` says why it refused, or ended early; times in Unix seconds.

    `process_seconds` is the CPU of the whole process meanwhile, `own_seconds` the part of it that looking took.
    """

    request: str
    kind: Kind
    state: State
    reason: str
    pid: int
    begin: float
    end: float
    looks: int = 0
    process_seconds: float = 0.0
    own_seconds: float = 0.0
    kept_bytes: int = 0
    peak_bytes: int = 0
    cpu: tuple[CpuEntry, ...] = ()
    memory: tuple[MemoryEntry, ...] = ()


def ask(root: Path, plugin: str, request: ProfileRequest) -> None:
    """Put the question where the processes of the plugin look for it. Raises OSError, ValueError (no plugin identifier)."""
    directory = plugin_directory(root, plugin)
    make_private(root, directory)
    write_atomically(request_path(root, plugin), json.dumps(asdict(request)).encode())


def asked(root: Path, plugin: str) -> ProfileRequest | None:
    """Return the latest question; None if there was none, or it cannot be read."""
    document = _read(request_path(root, plugin))
    try:
        return None if document is None else ProfileRequest(**_typed(document))
    except (TypeError, ValueError, KeyError):
        return None


def answer_of(root: Path, plugin: str, process: ProcessIdentity, request: str) -> ProcessProfile | None:
    """Return what one process answered to a request so far; None if nothing yet."""
    name = STANDING if request == STANDING else "profile"
    document = _read(process_directory(root, plugin) / f"{process}.{name}.json")
    try:
        found = None if document is None else _profile(document)
    except (TypeError, ValueError, KeyError):
        return None
    return found if found is not None and (found.request, found.pid) == (request, process.pid) else None


def request_path(root: Path, plugin: str) -> Path:
    return plugin_directory(root, plugin) / "profile.json"


def encode(profile: ProcessProfile) -> bytes:
    return json.dumps(asdict(replace(profile, cpu=_bounded(profile.cpu)))).encode()


def _bounded(entries: tuple[CpuEntry, ...]) -> tuple[CpuEntry, ...]:
    """Keep the functions that used most; what the others used is summed up by plugin and package."""
    rest: dict[tuple[str, str, str], CpuEntry] = {}
    for each in entries[_ENTRIES_WRITTEN:]:
        key = (each.blueprint, each.hook, each.package)
        known = rest.get(key, CpuEntry(*key, "", 0.0, 0))
        rest[key] = CpuEntry(*key, "", known.cpu_seconds + each.cpu_seconds, known.looks + each.looks)
    return (*entries[:_ENTRIES_WRITTEN], *rest.values())


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        document = json.loads(path.read_bytes()[: _LARGEST_BYTES + 1])
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _typed(document: Mapping[str, Any]) -> dict[str, Any]:
    kind, seconds = str(document["kind"]), float(document["seconds"])
    if kind not in LONGEST_SECONDS or not 0.0 < seconds <= LONGEST_SECONDS[kind]:
        raise ValueError(f"a profile is of {' or '.join(LONGEST_SECONDS)}, and takes no longer than those allow")
    name, pid, asked_at = str(document["request"])[:64], int(document["pid"]), float(document["asked_at"])
    return {"request": name, "kind": kind, "seconds": seconds, "pid": pid, "asked_at": asked_at}


def _profile(document: Mapping[str, Any]) -> ProcessProfile:
    numbers = {name: int(document[name]) for name in ("pid", "looks", "kept_bytes", "peak_bytes")}
    times = {name: float(document[name]) for name in ("begin", "end", "process_seconds", "own_seconds")}
    kind, state = str(document["kind"]), str(document["state"])
    if kind not in LONGEST_SECONDS or state not in ("running", "done", "refused"):
        raise ValueError("not an answer of a probe")
    cpu = tuple(_cpu_entry(entry) for entry in document["cpu"])
    memory = tuple(
        MemoryEntry(str(entry["package"]), str(entry["place"]), int(entry["size_bytes"]), int(entry["blocks"]))
        for entry in document["memory"]
    )
    named: dict[str, Any] = {"kind": kind, "state": state, **numbers, **times}
    return ProcessProfile(str(document["request"]), reason=str(document["reason"]), cpu=cpu, memory=memory, **named)


def _cpu_entry(entry: Mapping[str, Any]) -> CpuEntry:
    blueprint, hook, package, function = (str(entry[name]) for name in ("blueprint", "hook", "package", "function"))
    return CpuEntry(blueprint, hook, package, function, float(entry["cpu_seconds"]), int(entry["looks"]))
