"""A file of ours among those that supervisord includes: one program for each process beyond a group's own.

`numprocs` cannot be raised without all processes of the group being started anew (Supervisor #826, #177). A program of its
own for each further process leaves the others alone, is kept by the file, and goes as it came.
"""

import os
import re
import stat
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from ...domain import Refused
from .config import Program, SupervisorConfig

HEADER = "; written by plugin-optimizer: each section is one process of [program:{group}] more\n"
MARK = "-more-"
_NUMBER = re.compile(r"%\(process_num\)(0?\d*)d")
DEFAULT_NAME = "%(program_name)s"


@dataclass(frozen=True, slots=True)
class Fragment:
    """The file of one group."""

    path: Path
    program: Program

    @property
    def prefix(self) -> str:
        return f"{self.program.name}{MARK}"

    def numbers(self) -> list[int]:
        """Return the numbers of the processes that stand in it, lowest first. Raises Refused where the file is not ours."""
        text = self._text()
        found = re.findall(rf"^\[program:{re.escape(self.prefix)}(\d+)\]", text, re.MULTILINE)
        return sorted(int(number) for number in found)

    def write(self, numbers: Sequence[int]) -> None:
        """Put these processes into the file, durably; without any there is no file. Raises Refused."""
        self._text()  # whose it is
        if not numbers:
            self._remove()
            return
        sections = [HEADER.format(group=self.program.name), *(self._section(number) for number in sorted(numbers))]
        self._replace("\n".join(sections))

    def name(self, number: int) -> str:
        """Return the program, and group, of one process."""
        return f"{self.prefix}{number}"

    def _section(self, number: int) -> str:
        options = {
            **{name: _of_process(text, self.program, number) for name, text in self.program.options.items()},
            "process_name": _of_process(self.program.options.get("process_name", DEFAULT_NAME), self.program, number),
            "numprocs": "1",
        }
        options.pop("numprocs_start", None)
        lines = [f"{name} = {text}".replace("\n", "\n    ") for name, text in options.items()]
        return "\n".join([f"[program:{self.name(number)}]", *lines, ""])

    def _text(self) -> str:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{self.path} cannot be read: {error}") from error
        if not text.startswith(HEADER.partition(":")[0]):
            raise Refused(f"{self.path} is not ours; move it away")
        return text

    def _replace(self, text: str) -> None:
        try:
            descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                self._take_after(file.fileno())
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except OSError as error:
            raise Refused(f"{self.path} cannot be written: {error.strerror}") from error

    def _take_after(self, descriptor: int) -> None:
        """Let those read it who may read the section it was made of, secrets of its environment included, and no others."""
        found = self.program.file.stat()
        os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
        if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, found.st_uid, found.st_gid)

    def _remove(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise Refused(f"{self.path} cannot be removed: {error.strerror}") from error


def fragment_of(config: SupervisorConfig, program: Program) -> Fragment:
    """Return the file for a program's further processes. Raises Refused with the reason why there can be none."""
    if program.kind != "program":
        raise Refused(f"a {program.kind} cannot be added to: its processes share what supervisord gives them")
    numprocs = program.number("numprocs", 1)
    if numprocs is None:
        raise Refused("its numprocs is computed")
    if numprocs < 2:
        raise Refused("whether it bears a second process cannot be told; `numprocs = 2` says so")
    for pattern in config.includes:
        directory, shape = Path(pattern).parent, Path(pattern).name
        name = f"plugin-optimizer-{program.name}{Path(shape).suffix}"
        if fnmatch(name, shape) and os.access(directory, os.W_OK | os.X_OK):
            return Fragment(directory / name, program)
    raise Refused(f"{config.path} includes no files that we could write; `[include] files = conf.d/*.conf` would")


def _of_process(text: str, program: Program, number: int) -> str:
    """Write out what supervisord would put in for this process of the group; what does not depend on that stays."""
    plain: Mapping[str, str] = {"%(program_name)s": program.name, "%(group_name)s": program.group}
    for sign, meaning in plain.items():
        text = text.replace(sign, meaning)
    return _NUMBER.sub(lambda found: f"{number:{found[1]}d}", text)
