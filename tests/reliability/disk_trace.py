"""What a process asked of the disk, as strace wrote it down, and what a disk may hold when the power goes.

What was synced is there. Of what was written since the last sync of a file any part may be missing, by sectors, in any choice.
Format of the trace: strace(1) with `-y -xx`, so that paths and data are hexadecimal.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TRACED = "pwrite64,write,ftruncate,unlink,fsync,fdatasync"
LINE = re.compile(r'^\d+ +(\w+)\((?:\d+<((?:\\x..)*)>|"((?:\\x..)*)")(?:, (.*))?\) += (\d+)$')
SECTOR_BYTES = 512


@dataclass(frozen=True, slots=True)
class Call:
    """One call on a file. `data` of a write, `offset` where it went to (-1: behind the end), or the size of a truncation."""

    name: str
    path: Path
    data: bytes = b""
    offset: int = 0


@dataclass(slots=True)
class FileOnDisk:
    """What is safe of one file, and the calls since."""

    safe: bytes = b""
    since: list[Call] = field(default_factory=list)

    def take(self, call: Call) -> None:
        if call.name in ("fsync", "fdatasync"):
            self.safe, self.since = _after(self.safe, self.since), []
        else:
            self.since.append(call)

    def after_power_loss(self, chance: random.Random) -> bytes:
        return _after(self.safe, list(_torn(self.since, chance)))


def read_trace(trace: Path) -> Iterator[Call]:
    """Yield the calls that succeeded, in order."""
    for line in trace.read_text().splitlines():
        found = LINE.match(line)
        if found is not None:
            name, by_descriptor, by_name, rest, result = found.groups()
            yield _call(name, Path(_bytes(by_descriptor or by_name).decode()), rest or "", int(result))


def _call(name: str, path: Path, rest: str, result: int) -> Call:
    if name == "ftruncate":
        return Call(name, path, offset=int(rest))
    if name in ("pwrite64", "write"):
        _, text, numbers = rest.split('"')
        data = _bytes(text)[:result]
        return Call("write", path, data, int(numbers.split(", ")[2]) if name == "pwrite64" else -1)
    return Call(name, path)


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal.replace("\\x", ""))


def _after(content: bytes, calls: Sequence[Call]) -> bytes:
    body = bytearray(content)
    for call in calls:
        if call.name == "unlink":
            body.clear()
        elif call.name == "ftruncate":
            del body[call.offset :]
            body.extend(bytes(call.offset - len(body)))
        else:
            begin = len(body) if call.offset < 0 else call.offset
            body.extend(bytes(max(0, begin - len(body))))
            body[begin : begin + len(call.data)] = call.data
    return bytes(body)


def _torn(calls: Sequence[Call], chance: random.Random) -> Iterator[Call]:
    """Yield what reached the disk: all of a call, some of its sectors, or nothing."""
    share = chance.random()
    for call in calls:
        if call.name != "write" or call.offset < 0:
            if chance.random() < share:
                yield call
            continue
        whole = chance.random() < 0.7
        kept = chance.random() < share
        for begin in range(0, len(call.data), SECTOR_BYTES):
            if kept if whole else chance.random() < share:
                yield Call("write", call.path, call.data[begin : begin + SECTOR_BYTES], call.offset + begin)
