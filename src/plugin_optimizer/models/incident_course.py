"""From turn to turn: which incident is the one of before, what has joined it, and when it is over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..domain import RANKS, Finding, RecordedIncident
from .incident_groups import IncidentGroup

CLEAR_SECONDS = 120.0  # over only when it stays away: what flaps is one incident
MOST_PARTS = 50
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Course:
    """`begun` have no id yet. `going` are those that go on, as they stand now; `over` those that ended."""

    begun: tuple[RecordedIncident, ...]
    going: tuple[RecordedIncident, ...]
    over: tuple[RecordedIncident, ...]


def follow(known: Sequence[RecordedIncident], groups: Iterable[IncidentGroup], now: float) -> Course:
    """Return what becomes of the incidents that were open and of what is wrong now.

    A group goes on with the incident with which it shares most findings (plugin, kind and metric); with none it is new.
    Findings keep their earliest onset and the worst that was seen of them. An incident that nobody saw for two minutes
    ended when it was last seen.
    """
    standing = {incident.id: incident for incident in known}
    begun: list[RecordedIncident] = []
    for group in groups:
        keys = {_key(finding) for finding in group.findings}
        shared = {name: len(keys & {_key(f) for f in one.findings}) for name, one in standing.items()}
        same = max(shared, key=lambda name: (shared[name], -standing[name].since), default=None)
        if same is None or not shared[same]:
            begun.append(RecordedIncident("", group.findings[:MOST_PARTS], (), now))
        else:
            standing[same] = _joined(standing[same], group.findings, now)
    over = [replace(one, ended_at=one.seen_at) for one in standing.values() if now - one.seen_at > CLEAR_SECONDS]
    ended = {one.id for one in over}
    return Course(tuple(begun), tuple(one for one in standing.values() if one.id not in ended), tuple(over))


def _joined(incident: RecordedIncident, findings: Iterable[Finding], now: float) -> RecordedIncident:
    parts = {_key(finding): finding for finding in incident.findings}
    for finding in findings:
        before = parts.get(_key(finding))
        if before is None:
            if len(parts) < MOST_PARTS:
                parts[_key(finding)] = finding
        elif _badness(finding) > _badness(before):
            parts[_key(finding)] = replace(finding, since=min(finding.since, before.since))
    return replace(incident, findings=tuple(parts.values()), seen_at=now)


def _badness(finding: Finding) -> tuple[int, float]:
    return RANKS[finding.severity], finding.score


def _key(finding: Finding) -> Key:
    return finding.plugin_id, finding.kind, finding.metric
