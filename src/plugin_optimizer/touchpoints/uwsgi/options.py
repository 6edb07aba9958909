"""What a uWSGI was told, on its command line and in its ini file. Of its thousand options those that decide something here.

Names are uWSGI's own (`core/uwsgi.c`, `plugins/python/python_plugin.c`); of two for one option the first is used throughout.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Told = Mapping[str, tuple[str, ...]]  # the values of each option, in the order in which they were given

ALIASES = {"workers": "processes", "wsgi": "module", "stats-server": "stats", "file": "wsgi-file"}
SHORT = {
    "-p": "processes", "-s": "socket", "-w": "module", "-t": "harakiri", "-R": "max-requests", "-H": "home", "-l": "listen",
    "-d": "daemonize", "-z": "socket-timeout", "-b": "buffer-size", "-Q": "spooler", "-x": "xml", "-y": "yaml", "-j": "json",
    "-S": "set",
}  # fmt: skip
SHORT_FLAGS = {
    "-M": "master",
    "-T": "enable-threads",
    "-L": "disable-logging",
    "-i": "single-interpreter",
    "-m": "memory-report",
}
LISTENS = ("http-socket", "http", "https-socket", "https", "socket", "uwsgi-socket", "fastcgi-socket", "scgi-socket")
# Each of these is a process beside the workers, with the same command line.
OTHER_PROCESSES = frozenset({
    "http", "https", "http-to", "fastrouter", "rawrouter", "sslrouter", "zerg-server", "mule", "mules", "farm", "spooler",
    "spooler-external", "spooler-ordered", "emperor",
})  # fmt: skip
GATEWAYS = frozenset({"http", "https", "http-to", "fastrouter", "rawrouter", "sslrouter"})
OTHER_FILES = frozenset(
    {"yaml", "yml", "xml", "json", "js", "config", "xmlconfig", "ldap", "sqlite3", "sqlite", "exec-config"}
)
# What lets something else than the lines that are seen decide: other files, conditions, loops.
DYNAMIC = re.compile(
    r"(if|ifnot|for|endfor|foreach|endforeach|else|endif|include|inherit|ini|config|set-file)([-_].*)?"
)
VALUED = frozenset({
    *SHORT.values(), *ALIASES, *LISTENS, *OTHER_PROCESSES, *OTHER_FILES, "ini", "processes", "threads", "cheaper",
    "cheaper-algo", "cheaper-initial", "cheaper-step", "cheaper-overload", "cheaper-rss-limit-soft", "cheaper-rss-limit-hard",
    "stats", "master-fifo", "module", "wsgi-file", "mount", "manage-script-name", "callable", "chdir", "pythonpath", "pp", "virtualenv", "venv",
    "plugin", "plugins", "uid", "gid", "pidfile", "logto", "logto2", "env", "harakiri", "max-requests", "reload-mercy",
    "worker-reload-mercy", "reload-on-rss", "evil-reload-on-rss", "max-worker-lifetime", "procname", "procname-prefix",
    "procname-master", "touch-reload", "fs-reload", "py-autoreload", "python-autoreload", "gevent", "asyncio", "async",
    "paste", "wsgi-lite", "master-interval",
}) - {"manage-script-name"}  # fmt: skip
_CONFIG = re.compile(r".+\.ini(:[\w-]+)?")


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`told` without the ini file, which is `config` (empty where there is none); `unclear`: more than one may decide."""

    told: Told
    config: str
    unclear: bool


def canonical(name: str) -> str:
    name = name.replace("_", "-")
    return ALIASES.get(name, name)


def command_line(arguments: Sequence[str]) -> CommandLine:
    """Read the words after the program's name. An option that is not known is taken for one without a value."""
    told: dict[str, tuple[str, ...]] = {}
    configs: list[str] = []
    rest, unknown, unclear = list(arguments), False, False
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            if _CONFIG.fullmatch(word):
                configs.append(word)
                unclear |= unknown  # or is it the value of the option before it?
            unknown = False
            continue
        name, value = _option(word)
        unknown = name not in VALUED and value is None and name not in SHORT_FLAGS.values()
        if name in VALUED and value is None:
            value = rest.pop(0) if rest else ""
        told[name] = (*told.get(name, ()), "true" if value is None else value)
    configs += told.pop("ini", ())
    several = len(configs) > 1 or bool(OTHER_FILES & told.keys())
    return CommandLine(told, configs[0] if configs else "", unclear or several)


def _option(word: str) -> tuple[str, str | None]:
    """Return its name, and the value that stands in the same word."""
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        return canonical(name), value if equals else None
    if word[:2] in SHORT:
        return SHORT[word[:2]], word[2:] or None
    return SHORT_FLAGS.get(word, word), None
