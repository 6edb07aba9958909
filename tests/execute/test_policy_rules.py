"""The table of bounds is what is checked: no form can promise what the server refuses, nor the other way round."""

from dataclasses import fields, replace
from typing import Any

import pytest

from plugin_optimizer.domain import POLICY_FIELDS, Policy, PolicyGroup
from plugin_optimizer.execute.policy_rules import misfits

NUMBERS = [name for name, rule in POLICY_FIELDS.items() if rule.minimum is not None]


def with_value(name: str, value: float) -> Policy:
    """A policy in which no other rule stands in the way."""
    given: dict[str, Any] = {"min_workers": 1, "shrink_floor": 1, "max_workers": 10_000, name: value}
    return replace(Policy(), **given)


def wrong(policy: Policy) -> list[str]:
    return [misfit.field for misfit in misfits(policy)]


def test_every_field_has_a_rule_and_a_group() -> None:
    """Whoever adds a field says what it may be; the default fits."""
    assert set(POLICY_FIELDS) == {f.name for f in fields(Policy)}
    assert {rule.group for rule in POLICY_FIELDS.values()} == set(PolicyGroup)
    assert wrong(Policy()) == []


@pytest.mark.parametrize("name", NUMBERS)
def test_a_bound_is_where_the_table_says(name: str) -> None:
    """Both ends are taken or refused as written; a little beyond is refused, and so is what is no number."""
    rule = POLICY_FIELDS[name]
    assert rule.minimum is not None
    assert rule.maximum is not None
    assert (name in wrong(with_value(name, rule.minimum))) is rule.above
    assert name in wrong(with_value(name, rule.minimum - 1e-3))
    assert name not in wrong(with_value(name, rule.maximum))
    assert name in wrong(with_value(name, rule.maximum * 1.001))
    assert name in wrong(with_value(name, float("nan")))


def test_what_does_not_fit_together_is_named_at_its_field() -> None:
    """Fewest and floor against most workers; calendars line by line."""
    policy = replace(
        Policy(), min_workers=9, shrink_floor=7, max_workers=5, windows=("22:00", "Mon 22:00-06:00 Asia/Seoul")
    )
    found = {misfit.field: misfit for misfit in misfits(policy)}
    assert list(found) == ["min_workers", "shrink_floor", "windows"]
    assert found["min_workers"].message.params == {"given": 9, "most": 5}
    assert found["windows"].message.params == {"given": "22:00"}
    assert "Mon-Fri 22:00-06:00" in str(found["windows"])
    assert wrong(replace(Policy(), freezes=tuple(["2026-12-20T00:00/2027-01-02T00:00 UTC"] * 101))) == ["freezes"]
