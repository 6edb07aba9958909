"""Asks the processes of an application where their CPU or memory goes, and puts their answers together."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..domain import Conflict, InvalidValue, NotFound, Unobservable, inside_id
from ..probe import channel
from ..probe.profile import (
    STANDING,
    CpuEntry,
    Kind,
    MemoryEntry,
    ProcessProfile,
    ProfileRequest,
    answer_of,
    ask,
    asked,
)

GRACE_SECONDS = 10.0  # after its time: what has not answered by then will not


@dataclass(frozen=True, slots=True)
class Part:
    """What of an application is asked about: all of it, the requests of a Blueprint, or the hooks of a plugin."""

    host: str
    blueprint: str = ""
    hook: str = ""

    def holds(self, entry: CpuEntry) -> bool:
        return (not self.blueprint or entry.blueprint == self.blueprint) and (not self.hook or entry.hook == self.hook)


@dataclass(frozen=True, slots=True)
class Use:
    """What one plugin, package or function used, in seconds of CPU, or keeps, in bytes."""

    name: str
    package: str
    amount: float
    blocks: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A process that told nothing (or ended early), and why: a code."""

    pid: int
    reason: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The answers of all processes together, most first. CPU of them all in `total`; `own_seconds` of it is what looking cost."""

    request: ProfileRequest
    processes: int
    answered: int
    running: bool
    seconds: float
    looks: int
    total: float
    own_seconds: float
    plugins: Sequence[Use]
    packages: Sequence[Use]
    functions: Sequence[Use]
    refused: Sequence[Refusal]


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of what runs here. `home` is where the probes' channel lives."""

    home: Path

    def ask(self, host: str, kind: Kind, seconds: float, now: float) -> ProfileRequest:
        """Ask all processes for their CPU, or the one that served most for its memory.

        Raises NotFound (no process with a probe), Conflict (one is under way), Unobservable.
        """
        reports = self._reports(host)
        if not reports:
            raise NotFound(f"no process of {host} with a probe runs here; instrument(app) puts one in")
        known = asked(self.home, host)
        if known is not None and now < known.until:
            raise Conflict(f"{host} is being profiled for {known.until - now:.0f} s more", "profile_under_way")
        pid = max(reports, key=lambda report: report.served).pid if kind == "memory" else 0
        request = ProfileRequest(secrets.token_hex(8), kind, seconds, pid, now)
        try:
            ask(self.home, host, request)
        except OSError as error:
            raise Unobservable(f"the probes' channel of {host} cannot be written: {error}") from error
        return request

    def latest(self, part: Part, now: float) -> Profile | None:
        """Return what was asked last, as far as it is answered; None if nothing ever was. Raises Unobservable."""
        request = asked(self.home, part.host)
        return None if request is None else self._merged(part, request, now)

    def standing(self, part: Part, now: float) -> Profile | None:
        """Return what samplers that always run counted in their last half minute; None where none does. Raises Unobservable."""
        found = self._merged(part, ProfileRequest(STANDING, "cpu", 30.0, 0, now), now)
        return found if found.answered else None

    def _merged(self, part: Part, request: ProfileRequest, now: float) -> Profile:
        reports = [report for report in self._reports(part.host) if request.pid in (0, report.pid)]
        answers = [found for report in reports if (found := self._answer(part.host, report, request)) is not None]
        told = [each for each in answers if each.state == "done"]
        entries = [entry for each in told for entry in each.cpu if part.holds(entry)]
        known = frozenset(name for report in reports for name in report.blueprints)
        due = now < request.until + GRACE_SECONDS and request.request != STANDING
        return Profile(
            request=request,
            processes=len(reports),
            answered=len(told),
            running=due and (len(answers) < len(reports) or any(each.state == "running" for each in answers)),
            seconds=max((each.end - each.begin for each in told), default=0.0),
            looks=sum(each.looks for each in told),
            total=sum(each.process_seconds for each in told) if request.kind == "cpu" else _kept(told),
            own_seconds=sum(each.own_seconds for each in told),
            plugins=_plugins(part.host, entries, known),
            refused=[Refusal(each.pid, each.reason) for each in answers if each.reason],
            **(_cpu(entries) if request.kind == "cpu" else _memory([line for each in told for line in each.memory])),
        )

    def _answer(self, host: str, report: channel.Report, request: ProfileRequest) -> ProcessProfile | None:
        process = channel.ProcessIdentity(report.pid, report.start_ticks)
        return answer_of(self.home, host, process, request.request)

    def _reports(self, host: str) -> Sequence[channel.Report]:
        try:
            return channel.reports(self.home, host)
        except (OSError, ValueError) as error:
            raise Unobservable(f"the probes' channel of {host} cannot be read: {error}") from error


def _kept(told: Iterable[ProcessProfile]) -> float:
    return float(sum(each.kept_bytes for each in told))


def _plugins(host: str, entries: Iterable[CpuEntry], blueprints: frozenset[str]) -> Sequence[Use]:
    """A hook that is called within a request counts at both, as its calls do; blueprints of ours at none."""
    amounts: dict[str, float] = defaultdict(float)
    for entry in entries:
        if entry.blueprint in blueprints:
            try:
                amounts[inside_id(host, entry.blueprint)] += entry.cpu_seconds
            except InvalidValue:
                continue  # a name without a letter or digit cannot be shown
        if entry.hook:
            amounts[entry.hook] += entry.cpu_seconds
    return _ordered(Use(name, "", amount) for name, amount in amounts.items())


def _cpu(entries: Sequence[CpuEntry]) -> Mapping[str, Sequence[Use]]:
    packages = _summed(entries, lambda entry: (entry.package, entry.package))
    functions = _summed(entries, lambda entry: (entry.function, entry.package))
    return {"packages": packages, "functions": [each for each in functions if each.name]}


def _memory(lines: Sequence[MemoryEntry]) -> Mapping[str, Sequence[Use]]:
    packages: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        packages[line.package][0] += line.size_bytes
        packages[line.package][1] += line.blocks
    return {
        "packages": _ordered(Use(name, name, size, blocks) for name, (size, blocks) in packages.items()),
        "functions": _ordered(
            Use(each.place, each.package, each.size_bytes, each.blocks) for each in lines if each.place
        ),
    }


def _summed(entries: Iterable[CpuEntry], key: Callable[[CpuEntry], tuple[str, str]]) -> Sequence[Use]:
    amounts: dict[tuple[str, str], float] = defaultdict(float)
    for entry in entries:
        amounts[key(entry)] += entry.cpu_seconds
    return _ordered(Use(name, package, found) for (name, package), found in amounts.items())


def _ordered(uses: Iterable[Use]) -> Sequence[Use]:
    return sorted(uses, key=lambda use: (-use.amount, use.name))
