"""Speaking to the service manager by `systemctl`: what units there are, in which state, and single orders.

An answer is never taken for an effect: what became of an order is read from the kernel (`limits`).
"""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...domain import InvalidValue, Refused, Unobservable

UNIT = re.compile(r"[A-Za-z0-9:_.@\\][A-Za-z0-9:_.@\\-]{0,240}\.service")
PROPERTIES = (
    *("Id", "LoadState", "ActiveState", "SubState", "Type", "NRestarts", "InvocationID", "ControlGroup"),
    *(
        "Transient",
        "CPUQuotaPerSecUSec",
        "MemoryMax",
        "ExecMainStartTimestamp",
        "RefuseManualStart",
        "RefuseManualStop",
        "TimeoutStartUSec",
        "TimeoutStopUSec",
    ),
    *("RequiredBy", "BoundBy", "ConsistsOf"),
)
ALONG = ("RequiredBy", "BoundBy", "ConsistsOf")  # whoever is named here is restarted along
STARTED = re.compile(r"\w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC")
SHOWN_ID = 8
FAILED_AT_ONCE = "failed to start"
TIMEOUT_SECONDS = 20.0
FRESH_SECONDS = 1.0  # one look at many units asks once
FOUND_SECONDS = 30.0  # a host has hundreds of units, and new ones are rare
FORBIDDEN = re.compile(r"access denied|authentication|not permitted|permission denied|polkit", re.IGNORECASE)
RUNNING = frozenset({"active", "reloading", "refreshing"})
STARTING, STOPPING, FOR_EVER = "activating", "deactivating", "infinity"
ONE_SHOT = "oneshot"  # as long as it starts it works
WAITS_TO_RESTART = "auto-restart"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as the manager has it. `invocation` names one life of it, `group` is empty while nothing of it runs.

    `told_quota` and `told_memory` are what the manager says of its limits, which need not be what holds. `started` is when its
    main process was (ISO 8601, empty where it never was), `by_hand` whether anybody may start and stop it, `along` who is
    restarted with it, `start_within` and `stop_within` how long the manager waits for either ("1min 30s", "infinity").
    """

    name: str
    loaded: bool
    active: str
    sub: str
    type: str
    restarts: int
    invocation: str
    group: str
    transient: bool
    told_quota: str
    told_memory: str
    started: str = ""
    by_hand: bool = True
    along: tuple[str, ...] = ()
    start_within: str = ""
    stop_within: str = ""

    @property
    def runs(self) -> bool:
        """Tell whether it is up; one that still starts, that does not stop, or that waits for its next try is not."""
        return self.active in RUNNING or (self.type == ONE_SHOT and self.starts)

    @property
    def last_life(self) -> str:
        """Return a name of the life that ended last, also of one that failed before its main process began; empty for none."""
        return self.life or (f"{FAILED_AT_ONCE} {self.invocation[:SHOWN_ID]}" if self.invocation else "")

    @property
    def under_way(self) -> str:
        """Return what the manager is at, and for how long it will be; empty where it waits for nothing."""
        if self.active == STOPPING:
            return f"{self.name} is still stopping ({self.sub}): {_limit(self.stop_within, 'the manager kills it')}"
        if self.starts and not self.runs:
            return f"{self.name} is still starting ({self.sub}): {_limit(self.start_within, 'the manager gives it up')}"
        return ""

    @property
    def starts(self) -> bool:
        """Tell whether it is being started; one that waits for its next try is not."""
        return self.active == STARTING and not self.sub.startswith(WAITS_TO_RESTART)

    @property
    def life(self) -> str:
        """Return a name of this life that people can read; empty where none has begun."""
        return f"{self.started} {self.invocation[:SHOWN_ID]}" if self.started and self.invocation else ""


@dataclass(slots=True)
class Systemctl:
    """Calls `command`; remembers for a second what it was told of the units that are asked about."""

    command: tuple[str, ...] = ("systemctl",)
    steady: Callable[[], float] = time.monotonic
    asked: set[str] = field(default_factory=set)
    told: Mapping[str, Unit] = field(default_factory=dict)
    told_at: float = float("-inf")
    found: Sequence[Unit] = ()
    found_at: float = float("-inf")

    def all(self) -> Sequence[Unit]:
        """Return every service that is loaded, as it was half a minute ago at the most. Raises Unobservable."""
        if self.steady() - self.found_at >= FOUND_SECONDS:
            self.found = list(units_of(self._call("show", "*.service", *_wanted())).values())
            self.found_at = self.steady()
        return self.found

    def forget(self) -> None:
        """Ask anew at the next look."""
        self.told_at = float("-inf")

    def unit(self, name: str) -> Unit:
        """Return one unit, at most a second old. Raises Unobservable, InvalidValue for a name that is none."""
        if not UNIT.fullmatch(name):
            raise InvalidValue(f"{name[:80]!r} is no name of a service; expected is one like orders.service")
        if name not in self.told or self.steady() - self.told_at >= FRESH_SECONDS:
            self.asked.add(name)
            self.told, self.told_at = units_of(self._call("show", *sorted(self.asked), *_wanted())), self.steady()
        if name not in self.told:
            raise Unobservable(f"systemctl did not tell of {name}")
        return self.told[name]

    def set_now(self, name: str, setting: str, text: str) -> None:
        """Set one property of a running unit until the host starts again. Raises Refused, Unobservable."""
        self._order("set-property", "--runtime", "--", name, f"{setting}={text}")

    def set_lasting(self, name: str, setting: str, text: str) -> None:
        """Set it for good: the manager writes a drop-in. One property a call: one that is unknown would void them all."""
        self._order("set-property", "--", name, f"{setting}={text}")

    def restart(self, name: str) -> None:
        """Ask for a start or a restart, without waiting for it. Raises Refused, Unobservable."""
        self._order("restart", "--no-block", "--", name)

    def stop(self, name: str) -> None:
        """Ask for a stop, without waiting for it. Raises Refused, Unobservable."""
        self._order("stop", "--no-block", "--", name)

    def _order(self, *words: str) -> None:
        try:
            self._call("--no-ask-password", *words)
        finally:
            self.forget()

    def _call(self, *words: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - names of units are checked, no shell reads them
                [*self.command, *words],
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
                env={**os.environ, "TZ": "UTC", "LC_ALL": "C"},  # it writes times as its reader would
            )
        except FileNotFoundError as error:
            raise Unobservable("there is no systemctl on this host") from error
        except (subprocess.TimeoutExpired, OSError) as error:
            raise Unobservable(f"systemctl {words[0]} did not answer: {error}") from error
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.strip() or f"it ended with {done.returncode}"
        if FORBIDDEN.search(said):
            raise Refused(f"we may not do this: systemctl says {said!r}; run the agent as root, or allow it by polkit")
        raise Unobservable(f"systemctl {' '.join(words[:2])}: {said}")


def units_of(text: str) -> dict[str, Unit]:
    """Return what `systemctl show` printed, by name: blocks of `Property=value` with an empty line between them.

    Raises Unobservable for a block of another form.
    """
    blocks = (_block(block.splitlines()) for block in re.split(r"\n\s*\n", text) if block.strip())
    return {unit.name: unit for unit in blocks}


def booted(root: Path) -> bool:
    """Tell whether systemd manages this host: sd_booted(3)."""
    return (root / "run/systemd/system").is_dir()


def _wanted() -> Iterable[str]:
    return ("--property", ",".join(PROPERTIES))


def _block(lines: Sequence[str]) -> Unit:
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    try:
        return Unit(
            name=told["Id"],
            loaded=told["LoadState"] == "loaded",
            active=told["ActiveState"],
            sub=told["SubState"],
            type=told.get("Type", ""),
            restarts=int(told.get("NRestarts", "0") or 0),
            invocation=told.get("InvocationID", ""),
            group=told.get("ControlGroup", ""),
            transient=told.get("Transient") == "yes",
            told_quota=told.get("CPUQuotaPerSecUSec", "infinity"),
            told_memory=told.get("MemoryMax", "infinity"),
            started=_moment(told.get("ExecMainStartTimestamp", "")),
            by_hand="yes" not in (told.get("RefuseManualStart"), told.get("RefuseManualStop")),
            along=tuple(sorted({name for key in ALONG for name in told.get(key, "").split()})),
            start_within=told.get("TimeoutStartUSec", ""),
            stop_within=told.get("TimeoutStopUSec", ""),
        )
    except (KeyError, ValueError) as error:
        raise Unobservable(f"systemctl show has not the form that systemd documents: {error!r}") from error


def _limit(within: str, end: str) -> str:
    return f"{end} after {within}" if within not in ("", FOR_EVER) else "for as long as it takes, no limit is set"


def _moment(text: str) -> str:
    """Return a time as systemctl prints it in UTC, in ISO 8601; empty where there is none."""
    found = STARTED.fullmatch(text)
    return f"{found[1]}T{found[2]}Z" if found else ""
