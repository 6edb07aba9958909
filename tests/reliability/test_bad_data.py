"""A slice of the bad-data table, and the proof that the gate is what holds it."""

import math
from collections.abc import Iterable

import pytest

from plugin_optimizer.domain import Refusal, RequestTrace, Sample
from plugin_optimizer.monitor.gate import Gate
from plugin_optimizer.monitor.gate_records import RecordGate
from plugin_optimizer.plan import workers
from tests.reliability.bad_data import moved, patients, unexplained
from tests.reliability.bad_data_world import Outcome, treat

SLICE = [("decrease", "records-thinned", "gate_implausible_zero"), ("recycle", "processes-duplicate", "gate_duplicate")]


def outcome(rule: str, name: str) -> Outcome:
    return treat([patient for patient in patients(rule, 100) if patient.name == name])


@pytest.mark.parametrize(("rule", "name", "reason"), SLICE)
def test_bad_data_moves_nothing_and_says_why(rule: str, name: str, reason: str) -> None:
    """Requests that are hardly recorded any more, memory that is told twice: no suggestion, and a reason."""
    found = outcome(rule, name)
    assert (moved(found), found.executions, found.faults) == (set(), 0, set())
    assert reason in found.said[name]
    assert unexplained(rule, found) == []


@pytest.mark.parametrize(("rule", "name", "reason"), SLICE)
def test_without_the_gate_it_would_have(rule: str, name: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything pass that is a number, and ask no second source: the table notices."""
    del reason

    def all_numbers(_: Gate, samples: Iterable[Sample], now: float) -> tuple[list[Sample], tuple[Refusal, ...]]:
        del now
        return [sample for sample in samples if math.isfinite(sample.value)], ()

    def all_records(_: RecordGate, plugin_id: str, trace: RequestTrace, now: float) -> tuple[RequestTrace, tuple[()]]:
        del plugin_id, now
        return trace, ()

    monkeypatch.setattr(Gate, "admit", all_numbers)
    monkeypatch.setattr(RecordGate, "admit", all_records)
    monkeypatch.setattr(workers, "unconfirmed", lambda *_: None)
    assert moved(outcome(rule, name)) == {name}
