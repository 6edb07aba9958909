"""What every touchpoint promises, as tests. Inherit the class and provide one fixture.

    class TestMyTouchpoint(TouchpointContract):
        @pytest.fixture
        def subject(self) -> Iterator[TouchpointSubject]:
            with something_that_runs() as service:
                yield TouchpointSubject(MyTouchpoint(), plugin, knob="workers", elsewhere=3, absent=other)

Needs pytest in the author's environment only; nothing here imports it.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..contracts import Touchpoint
from ..domain import (
    Capability,
    Gone,
    InvalidValue,
    Knob,
    Metric,
    NotFound,
    OptimizerError,
    Plugin,
    Unobservable,
    Value,
    parse_plugin_id,
)

NO_SUCH_KNOB = "no-such-knob-anywhere"


@dataclass(frozen=True, slots=True)
class TouchpointSubject:
    """A running `plugin`, a numeric `knob` of it and another value the knob may be turned to, and a plugin of the
    same kind that does not run. `patience_seconds` is how long a turn may take to show.
    """

    touchpoint: Touchpoint
    plugin: Plugin
    knob: str
    elsewhere: float
    absent: Plugin
    patience_seconds: float = 30.0

    def read(self) -> Knob:
        """Return the knob; where it cannot be told (processes come and go), look again as the engine does."""
        deadline = time.monotonic() + self.patience_seconds
        while True:
            try:
                return next(knob for knob in self.touchpoint.knobs(self.plugin) if knob.name == self.knob)
            except (Unobservable, StopIteration):
                assert time.monotonic() < deadline, f"{self.knob} could not be read for {self.patience_seconds:g} s"
                time.sleep(0.02)

    def go(self, to: Value) -> list[Value]:
        """Turn step by step, as the engine does, until `to` is observed; return the values seen on the way."""
        seen = [self.read().value]
        deadline = time.monotonic() + self.patience_seconds
        while seen[-1] != to:
            assert time.monotonic() < deadline, f"{self.knob} did not come to {to!r}, only {seen}"
            before = seen[-1]
            self.touchpoint.turn(self.plugin, self.knob, to)
            seen.append(self._next(before, deadline))
        return seen

    def _next(self, before: Value, deadline: float) -> Value:
        """Wait until the step shows, or for long enough to order it again (turning is idempotent)."""
        again = min(deadline, time.monotonic() + 1.0)
        while (value := self.read().value) == before and time.monotonic() < again:
            time.sleep(0.02)
        return value


class TouchpointContract:
    """Each test is one promise of `contracts.Touchpoint`."""

    def test_it_finds_the_running_plugin_and_not_the_absent_one(self, subject: TouchpointSubject) -> None:
        """discover() yields plugins of its own kind, each id once, with an address of texts."""
        found = list(subject.touchpoint.discover())
        plugin_ids = [parse_plugin_id(plugin.plugin_id) for plugin in found]
        assert subject.plugin.plugin_id in plugin_ids
        assert subject.absent.plugin_id not in plugin_ids
        assert len(set(plugin_ids)) == len(plugin_ids)
        assert {plugin.touchpoint for plugin in found} == {subject.touchpoint.kind}
        assert all(isinstance(text, str) for plugin in found for text in plugin.address.values())

    def test_samples_are_finite_and_of_this_moment(self, subject: TouchpointSubject) -> None:
        """sense() says UP = 1, each metric at most once, never NaN, never negative, at the time it was given."""
        samples = list(subject.touchpoint.sense(subject.plugin, 1234.5))
        metrics = [sample.metric for sample in samples]
        assert len(set(metrics)) == len(metrics)
        assert next(sample.value for sample in samples if sample.metric is Metric.UP) == 1
        assert all(math.isfinite(sample.value) and sample.value >= 0 for sample in samples)
        assert {(sample.plugin_id, sample.at) for sample in samples} == {(subject.plugin.plugin_id, 1234.5)}

    def test_what_is_not_there_is_down_and_nothing_else(self, subject: TouchpointSubject) -> None:
        """sense() of an absent plugin yields UP = 0 alone: zeros would look like measurements."""
        samples = list(subject.touchpoint.sense(subject.absent, 1.0))
        assert [(sample.metric, sample.value) for sample in samples] == [(Metric.UP, 0.0)]

    def test_what_is_not_there_is_gone(self, subject: TouchpointSubject) -> None:
        """Every other question about an absent plugin raises Gone."""
        touchpoint, absent = subject.touchpoint, subject.absent
        expect(Gone, lambda: list(touchpoint.knobs(absent)))
        expect(Gone, lambda: touchpoint.pool(absent))
        expect(Gone, lambda: touchpoint.turn(absent, subject.knob, subject.elsewhere))
        expect(Gone, lambda: touchpoint.persist(absent, subject.knob, subject.elsewhere))

    def test_knobs_show_values_they_would_take(self, subject: TouchpointSubject) -> None:
        """Each knob has its own name, and its observed value lies within its own bounds."""
        knobs = list(subject.touchpoint.knobs(subject.plugin))
        assert len({knob.name for knob in knobs}) == len(knobs)
        assert all(knob.checked(knob.value) == knob.value for knob in knobs)

    def test_what_it_offers_is_what_it_declares(self, subject: TouchpointSubject) -> None:
        """Each figure and knob is among its `capabilities`, with no more interruption, loss or persistence than those say.

        A touchpoint of another package that declares none has nothing to be held to.
        """
        declared: Sequence[Capability] = getattr(subject.touchpoint, "capabilities", ())
        if not declared:
            return
        senses = {metric for capability in declared for metric in (*capability.senses, *capability.with_probe)}
        assert {sample.metric for sample in subject.touchpoint.sense(subject.plugin, time.time())} <= senses
        turned = [each for capability in declared for each in capability.turns]
        for knob in subject.touchpoint.knobs(subject.plugin):
            named = [each for each in turned if each.knob == knob.name] or turned
            assert any(each.is_of(knob) for each in named), f"{knob} is not what is declared: {named}"

    def test_the_pool_makes_sense(self, subject: TouchpointSubject) -> None:
        """pool() is None, or has slots and cores, and no more births than workers."""
        pool = subject.touchpoint.pool(subject.plugin)
        if pool is not None:
            assert pool.workers >= 0
            assert pool.threads >= 1
            assert pool.cores > 0
            assert len(pool.spawned) <= pool.workers

    def test_turning_arrives_there_and_back(self, subject: TouchpointSubject) -> None:
        """Repeated turns lead to the ordered value and never past it; the same way leads back."""
        before = subject.read().value
        for start, end in ((before, subject.elsewhere), (subject.elsewhere, before)):
            seen = [float(value) for value in subject.go(end)]
            low, high = sorted((float(start), float(end)))
            assert all(low <= value <= high for value in seen), seen
            assert seen == sorted(seen, reverse=float(end) < float(start)), seen

    def test_turning_to_what_is_so_does_nothing(self, subject: TouchpointSubject) -> None:
        """An order that is already carried out changes nothing, however often it is given."""
        before = subject.read().value
        for _ in range(5):
            subject.touchpoint.turn(subject.plugin, subject.knob, before)
            assert subject.read().value == before

    def test_an_impossible_order_changes_nothing(self, subject: TouchpointSubject) -> None:
        """Values beyond the bounds or of another type are invalid, an unknown knob is not found."""
        before = subject.read()
        beyond: list[Value] = ["a word", math.nan]
        beyond += [bound + sign for bound, sign in ((before.minimum, -1), (before.maximum, 1)) if bound is not None]
        for value in beyond:
            expect(InvalidValue, partial(subject.touchpoint.turn, subject.plugin, subject.knob, value))
        expect(NotFound, lambda: subject.touchpoint.turn(subject.plugin, NO_SUCH_KNOB, 1))
        assert subject.read().value == before.value

    def test_keeping_is_honest_and_repeatable(self, subject: TouchpointSubject) -> None:
        """persist() succeeds just where the knob calls itself persistent, and as well the second time."""
        knob = subject.read()
        kept = [subject.touchpoint.persist(subject.plugin, subject.knob, knob.value) for _ in range(2)]
        assert kept == [knob.persistent, knob.persistent]


def expect(error: type[OptimizerError], act: Callable[[], object]) -> None:
    """Fail unless `act` raises `error`."""
    try:
        answer = act()
    except error:
        return
    raise AssertionError(f"expected {error.__name__}, but it answered {answer!r}")
