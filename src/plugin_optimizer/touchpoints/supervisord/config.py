"""supervisord's configuration as it stands in its files: programs, groups, the address of its own interface.

Read as `supervisor/options.py` reads it: INI, comments also behind a value, `[include] files` in the order of their names.
"""

import configparser
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..gunicorn.process import Master
from .rpc import UNIX, SupervisorRpc

SEARCHED = ("etc/supervisord.conf", "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf")
_HERE = "%(here)s"


@dataclass(frozen=True, slots=True)
class Program:
    """A section `[program:NAME]` (or `fcgi-program`, `eventlistener`: `kind`) with its values as they stand there."""

    name: str
    kind: str
    group: str
    options: Mapping[str, str]
    file: Path

    def number(self, name: str, default: int) -> int | None:
        """Return a whole number, None where it is computed."""
        text = self.options.get(name, str(default)).strip()
        return int(text) if text.isdigit() else None


@dataclass(frozen=True, slots=True)
class SupervisorConfig:
    """`includes` are the patterns of further files, absolute; `rpc` is None where no interface is set up."""

    path: Path
    programs: tuple[Program, ...] = ()
    includes: tuple[str, ...] = ()
    rpc: SupervisorRpc | None = field(default=None, repr=False)

    def of_group(self, group: str) -> tuple[Program, ...]:
        return tuple(program for program in self.programs if program.group == group)


def read_config(master: Master) -> SupervisorConfig | None:
    """Return what its files say, None where they cannot be read."""
    path = _path(master)
    try:
        return None if path is None else _read(path)
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None


def _path(master: Master) -> Path | None:
    """Return its main file: named on the command line, or found where supervisord searches (its default paths)."""
    words = list(master.invocation.arguments or ())
    for place, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag in ("-c", "--configuration") and (equals or place + 1 < len(words)):
            return _absolute(value if equals else words[place + 1], master)
        if re.fullmatch(r"-c[^-=].*", word):
            return _absolute(word[2:], master)
    beside = _beside(master)
    searched = [*beside, *((master.directory or Path("/")) / name for name in ("supervisord.conf", *SEARCHED))]
    return next((path for path in searched if path.is_file()), None)


def _beside(master: Master) -> Iterator[Path]:
    """Yield `../etc/supervisord.conf` and `../supervisord.conf` as seen from the program."""
    script = next((word for word in master.identity.command[:3] if Path(word).name.startswith("supervisord")), "")
    if script:
        base = _absolute(script, master).parent.parent
        yield from (base / "etc/supervisord.conf", base / "supervisord.conf")


def _absolute(name: str, master: Master) -> Path:
    """A daemon works in `/`: a relative name counts from where it was started."""
    started = master.environment.get("PWD", "")
    directories = [place for place in (master.directory, Path(started) if started else None) if place is not None]
    found = next((place / name for place in directories if (place / name).is_file()), None)
    return found or Path("/") / name


def _parser() -> configparser.RawConfigParser:
    return configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))


def _read(path: Path) -> SupervisorConfig:
    main = _parser()
    main.read_string(path.read_text(encoding="utf-8"))
    patterns = main.get("include", "files", fallback="").replace(_HERE, str(path.parent)).split()
    includes = tuple(str(path.parent / pattern) for pattern in patterns)
    sections: dict[str, tuple[dict[str, str], Path]] = {}
    for file, parser in [(path, main), *_included(includes)]:
        for name in parser.sections():
            values = {key: value.replace(_HERE, str(file.parent)) for key, value in parser.items(name)}
            before = sections.get(name, ({}, file))[0]
            sections[name] = ({**before, **values}, file)
    groups = dict(_members(sections))
    programs = tuple(
        Program(name, kind, groups.get(name, name), *found)
        for section, found in sections.items()
        for kind, _, name in [section.partition(":")]
        if kind in ("program", "fcgi-program", "eventlistener")
    )
    return SupervisorConfig(path, programs, includes, _rpc({name: values for name, (values, _) in sections.items()}))


def _included(patterns: Iterable[str]) -> Iterator[tuple[Path, configparser.RawConfigParser]]:
    for pattern in patterns:
        root = Path(pattern).anchor
        for file in sorted(Path(root).glob(pattern.removeprefix(root))):
            parser = _parser()
            parser.read_string(file.read_text(encoding="utf-8"))
            yield file, parser


def _members(sections: Mapping[str, tuple[Mapping[str, str], Path]]) -> Iterator[tuple[str, str]]:
    """Yield each program that a section `[group:NAME]` takes in, and that group."""
    for section, (values, _) in sections.items():
        kind, _, group = section.partition(":")
        if kind == "group":
            yield from ((name.strip(), group) for name in values.get("programs", "").split(","))


def _rpc(sections: Mapping[str, Mapping[str, str]]) -> SupervisorRpc | None:
    """Return the way that `supervisorctl` would take, with what it would say."""
    if not any(name.startswith("rpcinterface:") for name in sections):
        return None
    client, unix, inet = (sections.get(name, {}) for name in ("supervisorctl", "unix_http_server", "inet_http_server"))
    server = unix if unix.get("file") else inet
    url = f"{UNIX}{unix['file']}" if unix.get("file") else _http(inet.get("port", ""))
    if not url:
        return None
    username, password = (client.get(name) or server.get(name, "") for name in ("username", "password"))
    return SupervisorRpc(url, username, "" if password.startswith("{SHA}") else password)


def _http(port: str) -> str:
    host, _, number = port.rpartition(":")
    return f"http://{host if host not in ('', '*', '0.0.0.0') else '127.0.0.1'}:{number}" if number else ""  # noqa: S104
