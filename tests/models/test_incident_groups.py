"""One incident for each cause."""

from plugin_optimizer.domain import Finding, FindingKind, Metric, Severity
from plugin_optimizer.models.incident_groups import incident_groups

AT = 1_700_000_000.0
HOSTS = {"a": "one", "b": "one", "c": "two"}


def found(
    plugin_id: str,
    after: float,
    kind: FindingKind = FindingKind.THRESHOLD,
    severity: Severity = Severity.WARNING,
    metric: Metric = Metric.RESPONSE_TIME_P95_SECONDS,
) -> Finding:
    return Finding(plugin_id, metric, kind, severity, 0.8, AT + after, 2.0, 1.0)


def test_what_began_together_in_a_plugin_is_one_incident() -> None:
    """Errors, then the response time 90 s later: one, and the errors moved first; what began ten minutes on is another."""
    errors = found("a", 0, FindingKind.ERROR, metric=Metric.ERROR_RATIO)
    groups = incident_groups([found("a", 690), found("a", 90), errors], HOSTS)
    assert [len(g.findings) for g in groups] == [2, 1]
    assert groups[0].first is errors
    assert groups[0].since == AT


def test_plugins_of_one_host_struck_within_a_minute_are_one_incident() -> None:
    """Not those of another host, nor a minute and a half later, nor where nobody is hurt."""
    groups = incident_groups([found("a", 0), found("b", 30), found("c", 10)], HOSTS)
    assert sorted(g.plugin_ids for g in groups) == [("a", "b"), ("c",)]
    assert len(incident_groups([found("a", 0), found("b", 90)], HOSTS)) == 2
    assert len(incident_groups([found("a", 0), found("b", 5, severity=Severity.INFO)], HOSTS)) == 2
    assert len(incident_groups([found("x", 0), found("y", 5)], {})) == 2


def test_a_leak_alone_is_nobody_elses() -> None:
    """Errors of a neighbour in the same minute stay an incident of their own; a leak whose requests turn slow joins."""
    leak = found("a", 0, FindingKind.LEAK, metric=Metric.MEMORY_BYTES)
    errors = found("b", 10, FindingKind.ERROR, metric=Metric.ERROR_RATIO)
    assert len(incident_groups([leak, errors], HOSTS)) == 2
    assert len(incident_groups([leak, errors, found("a", 20)], HOSTS)) == 1


def test_what_has_no_beginning_of_its_own_goes_with_what_is_wrong() -> None:
    """Errors burnt over three days belong to the errors of now; alone they are an incident; waste is none."""
    burnt = found("a", -250_000, FindingKind.BURN, metric=Metric.ERROR_RATIO)
    (group,) = incident_groups([burnt, found("a", 0, FindingKind.ERROR, metric=Metric.ERROR_RATIO)], HOSTS)
    assert (group.since, len(group.findings)) == (AT, 2)
    assert len(incident_groups([burnt], HOSTS)) == 1
    assert not incident_groups([found("a", 0, FindingKind.WASTE, Severity.INFO)], HOSTS)


def test_the_worst_comes_first_and_every_finding_is_in_one_incident() -> None:
    """Severity is that of the worst part; names differ."""
    findings = [found("a", 0, severity=Severity.INFO), found("c", 500, severity=Severity.CRITICAL), found("b", 20)]
    groups = incident_groups(findings, HOSTS)
    assert [g.severity for g in groups] == [Severity.CRITICAL, Severity.WARNING, Severity.INFO]
    assert sum(len(g.findings) for g in groups) == 3
    assert len({g.name for g in groups}) == 3
