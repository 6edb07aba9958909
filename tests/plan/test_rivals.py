"""Where requests wait for each other behind the workers, no workers are suggested, and the reason is given."""

from dataclasses import replace

from backoffice import START, Service, Turn, office, think
from crowds import crowd, crowds

from plugin_optimizer.domain import Policy, RequestTrace, SuggestionType

POLICY = Policy(response_time_seconds=0.4, sustain_seconds=15.0)
SEEDS = range(10)


def turn_at(trace: RequestTrace, seconds: float) -> Turn:
    moved = replace(trace, arrival=trace.arrival + START - float(trace.arrival[0]))
    return think(*office([Service("crm", 4, moved, POLICY)], START + seconds))


def test_a_limit_behind_the_workers_is_advised_on_and_no_worker_suggested() -> None:
    """Four workers, three connections, after a minute and a half: plain in nine of ten runs; the judge meets the tenth."""
    turns = [turn_at(crowd(seed, 3, rate=20.5, seconds=95.0), 90.0) for seed in SEEDS]
    types = [{p.type for p in turn.of("crm")} for turn in turns]
    assert sum(SuggestionType.INCREASE_WORKERS in each for each in types) <= 1
    assert sum(SuggestionType.OPTIMIZE_RESPONSE_TIME in each for each in types) >= 9


def test_what_seems_to_be_rivalry_is_looked_at_for_longer() -> None:
    """With connections enough the same overload is answered within half a minute; where they seem too few, later."""
    early = [{p.type for p in turn_at(crowd(seed, 3, rate=24.0, seconds=35.0), 30.0).of("crm")} for seed in SEEDS]
    free = [{p.type for p in turn_at(crowd(seed, 4, rate=30.0, seconds=35.0), 30.0).of("crm")} for seed in SEEDS]
    assert sum(SuggestionType.INCREASE_WORKERS in each for each in free) >= 9
    assert sum(SuggestionType.INCREASE_WORKERS in each for each in early) <= 1


def test_rivalry_that_cannot_be_proven_yet_is_not_answered_with_workers() -> None:
    """So full that four are always inside: what a fourth adds cannot be seen, but that they hold each other up can be guessed."""
    for seconds in (42.0, 75.0, 110.0):
        held = [
            {p.type for p in turn_at(crowd(s, 3, rate=24.0, seconds=seconds + 5), seconds).of("crm")} for s in SEEDS
        ]
        free = [
            {p.type for p in turn_at(crowd(s, 4, rate=30.0, seconds=seconds + 5), seconds).of("crm")} for s in SEEDS
        ]
        assert sum(SuggestionType.INCREASE_WORKERS in each for each in held) <= 1
        assert sum(SuggestionType.INCREASE_WORKERS in each for each in free) >= 9


def test_the_reason_is_given() -> None:
    """It names what is behind, and what the last worker adds."""
    reasons = [s for s in turn_at(crowd(0, 3, seconds=80.0), 75.0).silences if s.plugin_id == "crm"]
    [reason] = [s.reason for s in reasons if s.planner == "workers"]
    assert reason.code == "contention_behind"
    assert float(str(reason.params["worth_ratio"])) < 1.0


def test_a_database_shared_with_another_plugin_is_named_and_no_worker_suggested() -> None:
    """Two workers each, two connections for both: advice that names the other plugin, and the reason why no worker is suggested."""
    turns = [_beside_each_other(seed) for seed in SEEDS]
    assert not any(p.type is SuggestionType.INCREASE_WORKERS for turn in turns for p in turn.of("front"))
    evidence = [[e for p in turn.of("front") for e in p.evidence if e.code == "limited_by_rival"] for turn in turns]
    named = [found[0].params["plugin"] for found in evidence if found]
    assert named == ["back"] * len(named)
    reasons = [[s.reason.code for s in t.silences if (s.plugin_id, s.planner) == ("front", "workers")] for t in turns]
    assert reasons == [["contention_with"]] * len(turns)
    assert len(named) >= 8  # the advice looks at the time since the breach alone


def _beside_each_other(seed: int) -> Turn:
    traces = crowds(seed, 2, [(2, 8.0), (2, 3.6)], 95.0)
    services = [Service(name, 2, trace, POLICY) for name, trace in zip(("front", "back"), traces, strict=True)]
    return think(*office(services, START + 90.0))
