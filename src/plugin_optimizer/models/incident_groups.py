"""What belongs together: findings that began at about the same time, in one plugin or on one host, as one incident."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..domain import RANKS, Finding, FindingKind, Plugin, Severity

TOGETHER_SECONDS = 120.0  # two rows of a minute
FAR_SECONDS = 60.0  # between plugins: chance alone makes many things begin in the same minutes
NOT_WRONG = frozenset({FindingKind.WASTE, FindingKind.CACHE})  # could be cheaper, and nothing has happened
OVER_HOURS = frozenset({FindingKind.BURN, FindingKind.BREACH})  # their beginning is that of a window, or of a forecast
ITS_OWN = frozenset({FindingKind.LEAK})  # what a process keeps comes from itself, whatever else is on the host
HOST_LABEL, THIS_HOST = "host", "here"


@dataclass(frozen=True, slots=True)
class IncidentGroup:
    """Findings by the time they began, what has no beginning of its own last; the first of them moved first. Never empty."""

    findings: tuple[Finding, ...]

    @property
    def since(self) -> float:
        return self.findings[0].since

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def severity(self) -> Severity:
        return max((f.severity for f in self.findings), key=RANKS.__getitem__)

    @property
    def plugin_ids(self) -> tuple[str, ...]:
        """Return the plugins in the order in which they were struck."""
        return tuple(dict.fromkeys(f.plugin_id for f in self.findings))

    @property
    def name(self) -> str:
        """Return a name that stays while the incident lasts: its first plugin, kind and minute."""
        return f"{self.first.plugin_id}-{self.first.kind}-{int(self.since // 60)}"


def hosts_of(plugins: Iterable[Plugin]) -> Mapping[str, str]:
    """Return where each plugin runs: its label `host`, else this very host."""
    return {plugin.plugin_id: plugin.labels.get(HOST_LABEL, THIS_HOST) for plugin in plugins}


def incident_groups(findings: Iterable[Finding], hosts: Mapping[str, str]) -> tuple[IncidentGroup, ...]:
    """Return incidents, the worst first, the older first among equals. `hosts` tells where a plugin runs ("" unknown).

    Findings of one plugin belong together if they began within two minutes of the first of them; what has no beginning of
    its own (errors burnt over hours, limits to come) goes with what else is wrong with that plugin. Incidents of
    plugins on the same host are one where each is worth an alert and they began within a minute of each other; a plugin
    of which nothing but a leak is known keeps its own.
    Fails where two things break by chance in the same minute; who reads sees both, since every finding is listed.
    """
    wrong = sorted((f for f in findings if f.kind not in NOT_WRONG), key=lambda f: (f.since, f.plugin_id, f.metric))
    by_plugin: dict[str, list[list[Finding]]] = {}
    for finding in (f for f in wrong if f.kind not in OVER_HOURS):
        groups = by_plugin.setdefault(finding.plugin_id, [])
        if groups and finding.since - groups[-1][0].since <= TOGETHER_SECONDS:
            groups[-1].append(finding)
        else:
            groups.append([finding])
    for finding in (f for f in wrong if f.kind in OVER_HOURS):
        groups = by_plugin.setdefault(finding.plugin_id, [])
        same = [group for group in groups if any(f.metric is finding.metric for f in group)]
        if same or groups:
            (same or groups)[-1].append(finding)
        else:
            groups.append([finding])
    found = [IncidentGroup(tuple(group)) for groups in by_plugin.values() for group in groups]
    return tuple(sorted(_joined(found, hosts), key=lambda g: (-RANKS[g.severity], g.since, g.name)))


def _joined(found: Sequence[IncidentGroup], hosts: Mapping[str, str]) -> list[IncidentGroup]:
    """Return the incidents with those of one host put together that began at the same time and hurt."""
    alone = [g for g in found if _stands_alone(g)]
    joined: list[list[IncidentGroup]] = []
    for group in sorted((g for g in found if not _stands_alone(g)), key=lambda g: g.since):
        host = hosts.get(group.first.plugin_id, "")
        near = next((j for j in joined if _near(j[0], group, hosts, host)), None)
        if near is not None:
            near.append(group)
        else:
            joined.append([group])
    return [*alone, *(_merged(groups) for groups in joined)]


def _stands_alone(group: IncidentGroup) -> bool:
    return group.severity is Severity.INFO or all(f.kind in ITS_OWN | OVER_HOURS for f in group.findings)


def _near(one: IncidentGroup, other: IncidentGroup, hosts: Mapping[str, str], host: str) -> bool:
    same_host = host != "" and hosts.get(one.first.plugin_id, "") == host
    return same_host and abs(other.since - one.since) <= FAR_SECONDS


def _merged(groups: Sequence[IncidentGroup]) -> IncidentGroup:
    return IncidentGroup(
        tuple(sorted((f for g in groups for f in g.findings), key=lambda f: (f.kind in OVER_HOURS, f.since)))
    )
