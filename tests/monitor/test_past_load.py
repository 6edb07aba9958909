"""The load of the last days stands beside a plugin when its capacity is planned."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from plugin_optimizer.contracts import SampleStore
from plugin_optimizer.domain import Finding, FindingKind, Fleet, Metric, Plugin, PluginView, Policy, Sample, Severity
from plugin_optimizer.knowledge import open_samples
from plugin_optimizer.models.load_forecast import forecast_load
from plugin_optimizer.monitor.past_load import PastLoad

HOUR, DAY = 3_600.0, 86_400.0
NOW = 20_000 * DAY + 8 * HOUR


@pytest.fixture
def samples(tmp_path: Path) -> Iterator[SampleStore]:
    made = open_samples(tmp_path / "samples.db")
    yield made
    made.close()


def fleet(now: float = NOW) -> Fleet:
    views = {name: PluginView(Plugin(name, "gunicorn"), Policy()) for name in ("orders", "menu")}
    return Fleet(now, 2, views)


def finding(kind: FindingKind, plugin_id: str = "orders") -> Finding:
    return Finding(plugin_id, Metric.QUEUE_WAIT_SECONDS, kind, Severity.WARNING, 0.9, NOW, 1.0, 0.5)


def test_a_week_from_the_store_is_a_forecast(samples: SampleStore) -> None:
    """Four days that double after eight, sampled once a minute: the store's own resolutions are enough to tell."""
    at = NOW - 60.0 * np.arange(4.2 * DAY / 60)[::-1]
    load = np.where((at - 30.0) % DAY / HOUR < 8, 10.0, 20.0) * np.where((at - 30.0) % DAY / HOUR < 12, 1.0, 0.5)
    samples.write([Sample("orders", Metric.THROUGHPUT_PER_SECOND, t, v) for t, v in zip(at, load, strict=True)])
    seen = PastLoad(samples).beside(fleet(), [finding(FindingKind.SATURATION)])
    found = forecast_load(seen.views["orders"].past_load, NOW)
    assert found is not None
    assert (found.days, found.expected) == (4, pytest.approx(2.0, rel=0.05))
    assert seen.views["menu"].past_load == ()


def test_only_those_are_looked_up_whose_capacity_is_in_question(samples: SampleStore) -> None:
    """No finding, or one about errors: the very fleet comes back, and nothing is read."""
    past = PastLoad(samples)
    plain = fleet()
    assert past.beside(plain, ()) is plain
    assert past.beside(plain, [finding(FindingKind.ERROR)]) is plain


def test_it_is_read_once_in_five_minutes(samples: SampleStore) -> None:
    """Turn by turn the same; after five minutes anew."""
    past = PastLoad(samples)
    samples.write([Sample("orders", Metric.THROUGHPUT_PER_SECOND, NOW - 60.0, 5.0)])
    asked = [finding(FindingKind.WASTE)]
    assert len(past.beside(fleet(), asked).views["orders"].past_load) == 1
    samples.write([Sample("orders", Metric.THROUGHPUT_PER_SECOND, NOW + 60.0, 5.0)])
    assert len(past.beside(fleet(NOW + 200.0), asked).views["orders"].past_load) == 1
    assert len(past.beside(fleet(NOW + 300.0), asked).views["orders"].past_load) == 2
