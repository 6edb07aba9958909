"""What would have been called unusual: the same as the engine said, under the policies that are asked about."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plugin_optimizer.domain import Feedback, Metric, Plugin, Policies, Policy, Sample, SettingChange, Unusual
from plugin_optimizer.hindsight.question import Question
from plugin_optimizer.hindsight.record import Record
from plugin_optimizer.hindsight.report import WasUnusual
from plugin_optimizer.hindsight.unusual import PastUnusual
from plugin_optimizer.knowledge.samples import SamplePast, open_sample_past, open_samples
from plugin_optimizer.monitor.anomaly_watch import AnomalyWatch
from plugin_optimizer.monitor.attention import Attention

START = 1_699_833_600.0  # a Monday, 00:00 UTC
HOUR, MINUTE, TURN = 3600.0, 60.0, 30.0
JUMP = START + 30.2 * HOUR
END = START + 31 * HOUR


def measured(at: float) -> list[Sample]:
    rng = np.random.default_rng(int(at))
    load = 90.0 if at >= JUMP else 50.0
    values = {Metric.CPU_RATIO: 0.3 + 0.01 * rng.normal(), Metric.THROUGHPUT_PER_SECOND: load + rng.normal()}
    return [Sample("orders", metric, at, float(value)) for metric, value in values.items()]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Unusual, ...]]:
    """Thirty-one hours that an engine lived through: its samples, and what it called unusual last."""
    path = tmp_path_factory.mktemp("lived") / "samples.db"
    store = open_samples(path)
    watch, told = AnomalyWatch.ready_for(store, ["orders"]), ()
    turns = [START + TURN * turn + 7 for turn in range(round(31 * HOUR / TURN))]
    for at in turns:
        told = watch.look(measured(at), Attention({"orders": 1.0}), at) or told
    store.write([sample for at in turns for sample in measured(at)])
    store.close()
    return path, told


@pytest.fixture
def past(lived: tuple[Path, tuple[Unusual, ...]]) -> Iterator[SamplePast]:
    opened = open_sample_past(lived[0], 5.0)
    yield opened
    opened.close()


def told(past: SamplePast, policy: Policy | None = None, record: Record | None = None) -> tuple[WasUnusual, ...]:
    plugins = {"orders": Plugin("orders", "gunicorn", {})}
    policies = Policies(policy or Policy())
    question = Question(START + 29 * HOUR, END, 60.0, plugins, frozenset(plugins), policies, unusual=True)
    return PastUnusual(question, past, record or Record()).told()


def test_it_is_what_the_engine_said(lived: tuple[Path, tuple[Unusual, ...]], past: SamplePast) -> None:
    """The same metric, kind, onset and band; told within two minutes of the jump, and beyond the bar ever since."""
    (said,) = lived[1]
    (found,) = told(past)
    assert (found.unusual.metric, found.unusual.kind, found.unusual.since) == (said.metric, said.kind, said.since)
    assert (found.unusual.low, found.unusual.high) == pytest.approx((said.low, said.high))
    assert JUMP < found.told_at <= JUMP + 2 * MINUTE
    assert found.until >= found.told_at


def test_another_policy_tells_of_other_things(past: SamplePast) -> None:
    """A higher bar, and maintenance over the jump: nothing."""
    assert not told(past, Policy(anomaly_bar=100.0))
    assert not told(past, Policy(maintenance=("Tue 06:00-07:00 UTC",)))


def test_what_had_been_called_no_problem_and_what_was_turned_count(past: SamplePast) -> None:
    """By then, not later; a setting turned just before it is the reason, for as long as a window remembers it."""
    (found,) = told(past)
    one = found.unusual
    word = Feedback("fb_1", "orders", one.metric, one.kind, 50.0, START, START + HOUR, "kim")
    assert not told(past, record=Record(feedback=(word, replace(word, id="fb_2"))))
    assert told(past, record=Record(feedback=(replace(word, at=END + HOUR),)))
    turned = told(past, record=Record(changes=(SettingChange("orders", "workers", 2, 4, JUMP - 60),)))
    assert all(one.told_at > JUMP + 500 for one in turned)
