"""A slice of the rails' fuzzing, and the proof that its judge notices a missing rail."""

import pytest

from plugin_optimizer.execute import rails
from tests.reliability.rails_fuzz import run, run_points

NAMES = {
    rails.bounds: {"bounds", "zero", "workers"},
    rails.worth_it: {"dead band"},
    rails.seen_lately: {"unwell"},
    rails.one_at_a_time: {"together"},
    rails.cooldown: {"cooldown"},
    rails.not_again: {"restarts"},
    rails.halted: {"unwell", "rollbacks"},
    rails.not_undone_lately: {"again"},
    rails.not_too_far: {"step"},
    rails.steady: {"swing"},
    rails.budgets: {"fleet budget", "plugin budget", "group budget"},
}


def test_targets_never_leave_their_rails() -> None:
    """Five fleets, a thousand wishes; and one fleet through the store and the executor."""
    tallies = [run_points(seed) for seed in range(5)]
    assert [tally.broken for tally in tallies] == [()] * 5
    assert sum(tally.automatic for tally in tallies) > 20
    whole = run(2, attempts=15)
    assert whole.broken == ()
    assert whole.values > 0


@pytest.mark.parametrize("rail", [rail for rail in rails.RAILS if rail is not rails.calendar], ids=lambda r: r.__name__)
def test_a_missing_rail_is_noticed(rail: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take one out, and the judge says what was broken."""
    monkeypatch.setattr(rails, "RAILS", tuple(other for other in rails.RAILS if other is not rail))
    found = (what.partition(":")[0] for seed in range(60) for what in run_points(seed).broken)
    assert any(kind in NAMES[rail] for kind in found)  # type: ignore[index]
