"""An incident keeps its name from its onset to its end, whatever joins or leaves it."""

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Finding, FindingKind, Metric, RecordedIncident, Severity
from plugin_optimizer.models.incident_course import CLEAR_SECONDS, follow
from plugin_optimizer.models.incident_groups import incident_groups

AT = 1_700_000_000.0
HOSTS = {"a": "one", "b": "one", "c": "two"}
SLOW = Finding("a", Metric.RESPONSE_TIME_P95_SECONDS, FindingKind.THRESHOLD, Severity.WARNING, 0.8, AT, 2.0, 1.0)
ERRORS = replace(SLOW, metric=Metric.ERROR_RATIO, kind=FindingKind.ERROR, since=AT + 30)


def turns(*seen: tuple[float, Iterable[Finding]]) -> tuple[list[RecordedIncident], list[RecordedIncident]]:
    """Live through turns, each (seconds after AT, findings); return what is open and what is over, ids in order."""
    standing: list[RecordedIncident] = []
    over: list[RecordedIncident] = []
    begun = 0
    for after, findings in seen:
        course = follow(standing, incident_groups(findings, HOSTS), AT + after)
        over.extend(course.over)
        standing = list(course.going)
        for incident in course.begun:
            begun += 1
            standing.append(replace(incident, id=f"in_{begun}"))
    return standing, over


def test_what_joins_later_is_part_of_it_and_each_is_as_bad_as_it_was() -> None:
    """Errors join after 30 s; the response time gets worse and better again: one incident, its worst on record."""
    worse = replace(SLOW, severity=Severity.CRITICAL, value=9.0, score=0.9)
    standing, over = turns((0, [SLOW]), (35, [worse, ERRORS]), (40, [SLOW, ERRORS]))
    (incident,) = standing
    assert not over
    assert [(f.kind, f.value) for f in incident.findings] == [(FindingKind.THRESHOLD, 9.0), (FindingKind.ERROR, 2.0)]
    assert incident.severity is Severity.CRITICAL
    assert (incident.since, incident.seen_at) == (AT, AT + 40)


def test_it_ends_when_it_was_last_seen_and_only_if_it_stays_away() -> None:
    """A minute without it is none; three minutes without it end it, dated back; after that it is another one."""
    standing, over = turns((0, [SLOW]), (60, []), (100, [SLOW]), (160, []))
    assert [i.id for i in standing] == ["in_1"]
    assert not over
    again = replace(SLOW, since=AT + 400)
    standing, over = turns((0, [SLOW]), (100, [SLOW]), (101 + CLEAR_SECONDS, []), (410, [again]))
    assert [(i.id, i.ended_at) for i in over] == [("in_1", AT + 100)]
    assert [(i.id, i.since) for i in standing] == [("in_2", AT + 400)]


def test_its_first_part_may_be_over_before_the_rest() -> None:
    """The response time is well again, errors go on: it is the same incident, and what moved first stays on record."""
    standing, _ = turns((0, [SLOW]), (35, [SLOW, ERRORS]), (400, [ERRORS]))
    (incident,) = standing
    assert incident.id == "in_1"
    assert incident.first.metric is SLOW.metric


@given(st.lists(st.tuples(st.integers(1, 300), st.sets(st.integers(0, 5))), max_size=30))
def test_nothing_is_lost_and_no_two_are_open_for_the_same(seen: list[tuple[int, set[int]]]) -> None:
    """Whatever comes and goes: each finding of the last turn is in an open incident, and none is over while it was just seen."""
    kinds = (FindingKind.THRESHOLD, FindingKind.ERROR)
    at, lived = 0.0, []
    for step, which in seen:
        at += step
        found = [replace(SLOW, plugin_id="abc"[i // 2], kind=kinds[i % 2], since=AT + at) for i in sorted(which)]
        lived.append((at, found))
    standing, over = turns(*lived)
    assert all(i.ended_at == i.seen_at and at - (i.seen_at - AT) >= 0 for i in over)
    assert all(at - (i.seen_at - AT) <= CLEAR_SECONDS for i in standing)
    if lived:
        held = {(f.plugin_id, f.kind) for i in standing for f in i.findings}
        assert {(f.plugin_id, f.kind) for f in lived[-1][1]} <= held
