"""How many messages the past would have made: the same rules, run over what the audit has of it. Pure but for look-ups.

Left out is what the audit does not hold: trouble of the engine itself, and what stood wrong before the time began.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..contracts import AuditEntry
from ..domain import (
    Execution,
    Incident,
    NotFound,
    Notice,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
)
from .conditions import DEAD_SECONDS, Standing, Stop
from .events import Records, notices_of
from .gathering import HOUR_SECONDS, Routing, place
from .incidents import CLEAR_SECONDS, follow
from .settings import Notify, Rules

STATUSES = {f"plugin.{status}": status for status in PluginStatus}
MORE_SECONDS = 1.0  # so much later a wait is surely over


@dataclass(slots=True)
class Past:
    """How everything stood, as far as the entries so far say."""

    statuses: dict[str, tuple[Plugin, PluginStatus, float]] = field(default_factory=dict)
    needing: dict[str, Execution] = field(default_factory=dict)
    stop: Stop | None = None

    def read(self, entry: AuditEntry, records: Records) -> None:
        """Take in one entry."""
        family, _, what = entry.action.partition(".")
        if entry.action in STATUSES:
            plugin = Plugin(entry.subject, "", {})
            self.statuses[entry.subject] = (plugin, STATUSES[entry.action], entry.at)
        elif family == "plugin":
            self.statuses.pop(entry.subject, None)
        elif family == "emergency_stop":
            self.stop = Stop(entry.actor, str(entry.detail.get("reason", ""))) if what == "set" else None
        elif family == "execution":
            self._follow_execution(entry, what, records)

    def _follow_execution(self, entry: AuditEntry, state: str, records: Records) -> None:
        self.needing.pop(entry.subject, None)
        try:
            if state == "needs_operator":
                self.needing[entry.subject] = records.execution(entry.subject)
            elif state == "applied":  # a later change of the plugin takes the place of what was given up
                plugin_id = records.execution(entry.subject).change.plugin_id
                replaced = [key for key, e in self.needing.items() if e.change.plugin_id == plugin_id]
                for key in replaced:
                    del self.needing[key]
        except NotFound:
            return

    def standing(self, now: float, policies: Policies, known: Mapping[str, Incident]) -> Standing:
        told = {incident.began.plugin_id for incident in known.values()}
        looked_at = [
            seen for seen in self.statuses.values() if seen[1] is not PluginStatus.ACTIVE or seen[0].plugin_id in told
        ]
        return Standing(now, 5.0, policies, looked_at, tuple(self.needing.values()), self.stop)


def story(
    entries: Sequence[AuditEntry], records: Records, policies: Policies, settings: Notify, end: float
) -> Sequence[tuple[float, Notice]]:
    """Return when each notice would have been made, in order. `entries` are oldest first.

    Plugins do not wait for each other: each has a story of its own, so that a long past costs no more than its length.
    """
    stories: dict[str, list[AuditEntry]] = {}
    for entry in entries:
        about = _about(entry, records)
        if about is not None:
            stories.setdefault(about, []).append(entry)
    told = (each for own in stories.values() for each in _story_of_one(own, records, policies, settings, end))
    return sorted(told, key=lambda each: each[0])


def _about(entry: AuditEntry, records: Records) -> str | None:
    """Return whose story an entry belongs to: a plugin's, that of the whole (empty), or none."""
    family = entry.action.partition(".")[0]
    if family == "suggestion":
        if "type" not in entry.detail:
            return None
        try:
            return records.suggestion(entry.subject).proposal.plugin_id
        except NotFound:
            return None
    if family == "execution":
        change = entry.detail.get("change")
        return str(change["plugin_id"]) if isinstance(change, Mapping) and "plugin_id" in change else None
    return entry.subject if family == "plugin" else ""


def _story_of_one(
    entries: Sequence[AuditEntry], records: Records, policies: Policies, settings: Notify, end: float
) -> Iterator[tuple[float, Notice]]:
    past, known = Past(), dict[str, Incident]()
    waiting = list(reversed(entries))
    for now in _moments(entries, policies, settings, end):
        new: list[AuditEntry] = []
        while waiting and waiting[-1].at <= now:
            entry = waiting.pop()
            past.read(entry, records)
            new.append(entry)
        followed = follow(known, notices_of(new, records), past.standing(now, policies, known), settings)
        known.update(followed.incidents)
        for cause in followed.ended:
            known.pop(cause, None)
        yield from ((now, notice) for notice in followed.notices)


def _moments(entries: Iterable[AuditEntry], policies: Policies, settings: Notify, end: float) -> list[float]:
    """Return when something may be told: at each entry, after each wait that it begins, and at each reminder."""
    moments: set[float] = set()
    for entry in entries:
        moments.add(entry.at)
        if entry.action in STATUSES:
            waits = (DEAD_SECONDS, policies.of(entry.subject).stale_seconds, CLEAR_SECONDS)
            moments.update(entry.at + wait + MORE_SECONDS for wait in waits)
            moments.add(entry.at + MORE_SECONDS)
        if entry.action == "execution.needs_operator" and settings.remind_hours:
            period = settings.remind_hours * HOUR_SECONDS
            moments.update(entry.at + i * period + MORE_SECONDS for i in range(1, int((end - entry.at) / period) + 1))
    return sorted(moment for moment in moments if moment <= end)


@dataclass(slots=True)
class Box:
    """The outbox of one channel, in thought: what gathers, and when it went."""

    rules: Rules
    open: dict[str, tuple[float, str]] = field(default_factory=dict)  # by key: due, kind
    went: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def put(self, notice: Notice, group_seconds: float, now: float) -> None:
        self.send(now)
        key, due_at = place(notice, self.rules, group_seconds, now)
        kind = notice.kind.value if key.partition(":")[0] == notice.kind.value else key
        self.open.setdefault(key, (due_at, kind))

    def send(self, now: float) -> None:
        """Send what is due by `now`, as fast as the channel may be told."""
        most = self.rules.most_per_hour
        for key, (due_at, kind) in sorted(self.open.items(), key=lambda item: item[1][0]):
            at = due_at if len(self.went) < most else max(due_at, self.went[-most] + HOUR_SECONDS)
            if at > now:
                continue
            del self.open[key]
            self.went.append(at)
            self.kinds[kind] += 1


def messages(told: Iterable[tuple[float, Notice]], channel: str, routing: Routing, settings: Notify, end: float) -> Box:
    """Return what would have gone to one channel; what still gathers at the end is sent then."""
    box = Box(routing.channels[channel])
    for now, notice in told:
        if channel in routing.channels_for(notice):
            box.put(notice, settings.group_seconds, now)
    box.send(end + 7 * 24 * HOUR_SECONDS)
    return box


def routed_everywhere(policies: Policies, channel: str, least: str) -> Policies:
    """Return the policies as they would be if every plugin were told of on the channel, from `least` on."""

    def told(policy: Policy) -> Policy:
        return replace(policy, notify=(f"{channel} {least}",))

    return Policies(told(policies.default), {name: told(policy) for name, policy in policies.by_plugin.items()})
