"""The command line of a Celery worker, read the way Celery reads it.

The options are those of Celery 5.7 (`celery.bin.celery`, `celery.bin.worker`); a test compares them with the installed
ones. Own table rather than Celery's parser: the target's version differs, and parsing must import no application.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_NODE = "celery"
PREFORK = frozenset({"prefork", "processes"})  # names of the one pool that can be resized by processes
OPTIONS_WITH_VALUE = """
    --app --broker --result-backend --loader --config --workdir --hostname --statedb --loglevel --optimization
    --prefetch-multiplier --concurrency --pool --time-limit --soft-time-limit --max-tasks-per-child
    --max-memory-per-child --pool-start-method --queues --exclude-queues --include --heartbeat-interval --autoscale
    --schedule-filename --schedule --scheduler --logfile --pidfile --uid --gid --umask --executable
"""
SHORT_OPTIONS = """
    -A --app  -b --broker  -n --hostname  -c --concurrency  -P --pool  -Q --queues  -X --exclude-queues  -I --include
    -l --loglevel  -O --optimization  -S --statedb  -s --schedule  -f --logfile  -B --beat  -E --task-events  -D --detach
"""
BEAT, EVENTS = "--beat", frozenset({"--task-events", "--events"})
_WITH_VALUE = frozenset(OPTIONS_WITH_VALUE.split())
_SHORT = dict(zip(SHORT_OPTIONS.split()[::2], SHORT_OPTIONS.split()[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What the command line says; what it does not say is None or empty. `autoscale` is (most, fewest) processes."""

    app: str = ""
    broker: str = ""
    node: str = ""
    pool: str = "prefork"
    autoscale: tuple[int, int] | None = None
    queues: tuple[str, ...] = ()
    recycles: bool = False
    beat: bool = False
    events: bool = False


def worker_options(arguments: Sequence[str]) -> WorkerOptions | None:
    """Return the options of `celery … worker …`; None for Celery's other commands."""
    named, words = _split(arguments)
    if words[:1] != ["worker"]:
        return None
    return WorkerOptions(
        app=named.get("--app", ""),
        broker=named.get("--broker", ""),
        node=named.get("--hostname", ""),
        pool=named.get("--pool", "prefork"),
        autoscale=_bounds(named.get("--autoscale", "")),
        queues=tuple(name.strip() for name in named.get("--queues", "").split(",") if name.strip()),
        recycles="--max-tasks-per-child" in named or "--max-memory-per-child" in named,
        beat=BEAT in named,
        events=bool(EVENTS & named.keys()),
    )


def node_name(text: str, host: str = "") -> str:
    """Return the node's full name for what `-n` was given: `celery.utils.nodenames.host_format`.

    | given   | on host box.lan | is              |
    |---------|-----------------|-----------------|
    |         |                 | celery@box.lan  |
    | mail@%h |                 | mail@box.lan    |
    | mail@%n |                 | mail@box        |
    | box2    |                 | celery@box2     |
    """
    host = host or socket.gethostname()
    short, _, domain = host.partition(".")
    name, separator, place = text.partition("@")
    if not separator:
        name, place = DEFAULT_NODE, text
    for sign, meaning in (("%h", host), ("%n", short), ("%d", domain), ("%i", "0"), ("%I", ""), ("%%", "%")):
        place = place.replace(sign, meaning)
    return f"{name or DEFAULT_NODE}@{place or host}"


def _split(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return options by their long name (flags have an empty value) and the words that belong to none."""
    named: dict[str, str] = {}
    words: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        option, equals, value = word.partition("=")
        if not option.startswith("--"):  # -c4, -c 4
            option, value = _SHORT.get(word[:2], word[:2]), word[2:]
        if option in _WITH_VALUE and not (equals or value):
            value = rest.pop(0) if rest else ""
        named[option] = value
    return named, words


def _bounds(text: str) -> tuple[int, int] | None:
    most, _, fewest = text.partition(",")
    if not most.strip().isdigit():
        return None
    return int(most), int(fewest) if fewest.strip().isdigit() else 0
