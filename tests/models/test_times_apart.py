"""Maintenance and holidays: what they leave of the past, and when they end."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Plugin, PluginView, Policy
from plugin_optimizer.models.times_apart import TimesApart, silences, times_apart

NIGHT = "Thu 22:00-02:00 UTC"
ONCE = "2026-11-27T02:00/2026-11-27T03:00 UTC"
DAY = "2026-11-26 UTC"  # a Thursday
THURSDAY = datetime(2026, 11, 26, tzinfo=UTC).timestamp()
HOUR = 3600.0
APART = TimesApart((NIGHT, ONCE), (DAY,))


@given(st.floats(0, 4 * 86_400))
def test_a_mask_says_what_each_moment_is(after: float) -> None:
    """Many at once and one by one are the same."""
    at = THURSDAY - 86_400 + after
    assert APART.mask(np.array([at]))[0] == APART.holds(at)
    assert APART.maintenance_mask(np.array([at]))[0] == (APART.maintenance_at(at) is not None)


def test_maintenance_ends_with_what_follows_it() -> None:
    """From 22:00 to 02:00 each week and from 02:00 to 03:00 once: 03:00; on a holiday alone there is none."""
    assert APART.maintenance_until(THURSDAY + 23 * HOUR) == THURSDAY + 27 * HOUR
    assert APART.maintenance_until(THURSDAY + 27 * HOUR) is None
    assert APART.maintenance_until(THURSDAY + 12 * HOUR) is None
    endless = TimesApart(("Mon-Sun 00:00-24:00 UTC",))
    assert endless.maintenance_until(THURSDAY) == pytest.approx(THURSDAY + 366 * 86_400, abs=86_400)


def test_the_past_that_tells_something_lies_not_apart() -> None:
    """Seven days by the hour, looked at on Friday noon: without the holiday and its night, everything else."""
    now = THURSDAY + 36 * HOUR
    past = [(now - hours * HOUR, float(hours)) for hours in range(168, 0, -1)]
    left = APART.comparable(past, now)
    assert {at for at, _ in past} - {at for at, _ in left} == {THURSDAY + h * HOUR for h in range(27)}
    assert TimesApart().comparable(past, now) is past


def test_a_holiday_is_not_foretold_by_working_days() -> None:
    """On it, and in the hour before it, only the last hour tells what comes."""
    past = [(THURSDAY + minutes * 60.0, 1.0) for minutes in range(-3000, 600)]
    noon = THURSDAY + 10 * HOUR
    assert len(APART.comparable(past, noon)) == 59
    early = [pair for pair in past if pair[0] <= THURSDAY - 1800]
    assert len(APART.comparable(early, THURSDAY - 1800)) == 60


def test_every_plugin_says_why_it_is_silent() -> None:
    """In maintenance until when; on a holiday which; others nothing."""
    policies = {"a": Policy(maintenance=(NIGHT,)), "b": Policy(holidays=(DAY,)), "c": Policy()}
    views = {name: PluginView(Plugin(name, "gunicorn", {}), policy) for name, policy in policies.items()}
    said = {s.plugin_id: s.reason for s in silences(times_apart(views), THURSDAY + 23 * HOUR)}
    assert {name: message.code for name, message in said.items()} == {"a": "in_maintenance", "b": "on_holiday"}
    assert said["a"].params["until_at_seconds"] == THURSDAY + 26 * HOUR
    assert not list(silences(times_apart({"c": replace(views["c"])}), THURSDAY))
