"""A webhook is signed, named, bounded and never believed: against a real Flask receiver in every mood."""

import json
import time
from collections.abc import Iterator

import pytest

from plugin_optimizer.contracts.signature import HEADER, verify
from plugin_optimizer.domain import Gone, InvalidValue, Metric, Plugin, Refused, Unobservable
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.orders import Fence, Order
from plugin_optimizer.touchpoints.webhook import webhooks
from plugin_optimizer.touchpoints.webhook.touchpoint import ReceiverTouchpoint
from tests.knob_receiver import POOL_SIZE, SECRET, VARIABLE, KnobReceiver, running_receiver

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnobReceiver]:
    with running_receiver(tmp_path_factory.mktemp("receiver")) as receiver:
        yield receiver


@pytest.fixture
def receiver(running: KnobReceiver, monkeypatch: pytest.MonkeyPatch) -> KnobReceiver:
    monkeypatch.setenv(VARIABLE, SECRET)
    running.reset()
    return running


@pytest.fixture
def touchpoint(receiver: KnobReceiver) -> ReceiverTouchpoint:
    return webhooks((receiver.plugin,))


def test_every_request_is_signed_and_an_order_is_named(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """Time and body under HMAC-SHA256; five minutes later, with another body or another secret, it does not verify."""
    LocalActuator().turn(touchpoint, Order(receiver.plugin, "pool_size", 8, Fence(7), seen=4))
    for sent in receiver.sent():
        body, header = sent["body"].encode(), sent["headers"][HEADER]
        assert verify(SECRET, body, header, time.time())
        assert not verify(SECRET, body, header, time.time() + 301)
        assert not verify(SECRET, body.replace(b"mailer", b"mauler"), header, time.time())
        assert not verify("another", body, header, time.time())
    (turn,) = receiver.sent("turn")
    assert turn["headers"]["Idempotency-Key"] == "mailer:7.0.0"
    assert json.loads(turn["body"]) == {
        "operation": "turn",
        "version": 1,
        "plugin": "mailer",
        "order": "mailer:7.0.0",
        "life": "",
        "knob": "pool_size",
        "seen": 4,
        "to": 8,
    }


def test_the_value_read_back_is_the_value_written(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """A turn shows at the next look; what is kept shows, too, in the type that the knob has."""
    touchpoint.turn(receiver.plugin, "pool_size", 8.0)
    (knob,) = touchpoint.knobs(receiver.plugin)
    assert (knob.value, type(knob.value)) == (8, int)
    assert touchpoint.persist(receiver.plugin, "pool_size", 8)
    assert receiver.value("kept") == 8


def test_turn_and_keep_have_names_of_their_own(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """Whoever goes by the name of an order alone carries out both."""
    touchpoint.turn_once(receiver.plugin, "pool_size", 8, "mailer:7.0.0")
    assert touchpoint.persist_once(receiver.plugin, "pool_size", 8, "mailer:7.0.0")
    names = [sent["headers"]["Idempotency-Key"] for sent in receiver.sent() if "Idempotency-Key" in sent["headers"]]
    assert names == ["mailer:7.0.0", "mailer:7.0.0:keep"]


def test_one_look_of_the_engine_asks_twice(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """Whether it answers, and its knobs as they stand now; sensors and pool are of the same answer."""
    assert touchpoint.discover() == [receiver.plugin]
    touchpoint.knobs(receiver.plugin)
    touchpoint.sense(receiver.plugin, 1.0)
    touchpoint.pool(receiver.plugin)
    assert len(receiver.sent("read")) == 2


def test_what_is_so_already_is_not_ordered_again(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """Neither a turn nor a keep is sent where a look shows that nothing is left to do."""
    for _ in range(3):
        touchpoint.turn(receiver.plugin, "pool_size", 8)
        touchpoint.persist(receiver.plugin, "pool_size", 8)
    assert len(receiver.sent("turn")) == len(receiver.sent("keep")) == 1


@pytest.mark.parametrize("mood", ["fails after doing", "hangs after doing"])
def test_an_error_after_the_deed_is_a_deed(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint, mood: str) -> None:
    """It answered 500, or nothing within the time, and had done it: the look says so, and nothing is raised."""
    receiver.be(mood)
    touchpoint.turn(receiver.plugin, "pool_size", 8)
    assert receiver.value() == 8


@pytest.mark.parametrize("mood", ["fails", "hangs"])
def test_an_error_without_the_deed_is_an_open_question(
    receiver: KnobReceiver, touchpoint: ReceiverTouchpoint, mood: str
) -> None:
    """It may still come: that is for the executor to watch, which never repeats blindly."""
    receiver.be(mood)
    with pytest.raises(Unobservable, match="was asked for 8 and shows 4") as raised:
        touchpoint.turn(receiver.plugin, "pool_size", 8)
    assert not isinstance(raised.value, Gone)


def test_good_words_without_the_deed_show_at_the_next_look(
    receiver: KnobReceiver, touchpoint: ReceiverTouchpoint
) -> None:
    """200 is no evidence: the value stays what is read. What is claimed to be kept is looked at at once."""
    receiver.be("lies")
    touchpoint.turn(receiver.plugin, "pool_size", 8)
    assert touchpoint.knobs(receiver.plugin)[0].value == 4
    receiver.report({**POOL_SIZE, "kept": 2})
    with pytest.raises(Unobservable, match="was asked for 4 and shows 2"):
        touchpoint.persist(receiver.plugin, "pool_size", 4)


def test_a_refusal_is_one_where_the_value_shows_it(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """409 with its reason, and the old value still there."""
    receiver.be("declines")
    with pytest.raises(Refused, match="mailer declined: at night only"):
        touchpoint.turn(receiver.plugin, "pool_size", 8)


@pytest.mark.parametrize(
    ("mood", "told"),
    [
        ("forbids", "401 UNAUTHORIZED: who are you.; are its secret and its clock ours"),
        ("moves", "redirects are not followed"),
        ("huge", "more than 65536 bytes"),
        ("dribbles", "did not answer within 1 s"),
    ],
)
def test_what_is_no_whole_answer_tells_nothing(
    receiver: KnobReceiver, touchpoint: ReceiverTouchpoint, mood: str, told: str
) -> None:
    """Nothing is concluded, in as short a time as was set, and the message says why."""
    receiver.be(mood)
    began = time.monotonic()
    with pytest.raises(Unobservable, match=told):
        touchpoint.sense(receiver.plugin, 1.0)
    assert time.monotonic() - began < 8
    assert [why for _, why in touchpoint.found() if "mailer" in why or "127.0.0.1" in why]
    assert touchpoint.discover() == []


def test_what_it_stands_for_may_be_gone(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """410: the receiver is there, the thing is not."""
    receiver.be("gone")
    with pytest.raises(Gone, match="mailer does not run: 410 GONE"):
        touchpoint.knobs(receiver.plugin)
    assert [(sample.metric, sample.value) for sample in touchpoint.sense(receiver.plugin, 1.0)] == [(Metric.UP, 0.0)]


def test_another_life_is_looked_at_before_it_is_turned(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """Started again between look and deed: nothing is sent. The restart is counted, and keeping knows of it."""
    receiver.report(POOL_SIZE, life="first")
    touchpoint.knobs(receiver.plugin)
    touchpoint.sense(receiver.plugin, 1.0)
    receiver.report(POOL_SIZE, life="second")
    with pytest.raises(Unobservable, match="was started again since it was looked at"):
        touchpoint.turn(receiver.plugin, "pool_size", 8)
    assert receiver.sent("turn") == []
    figures = {sample.metric: sample.value for sample in touchpoint.sense(receiver.plugin, 2.0)}
    assert figures[Metric.RESTARTS] == 1
    assert touchpoint.incarnation(receiver.plugin) == "second"
    touchpoint.knobs(receiver.plugin)
    touchpoint.turn(receiver.plugin, "pool_size", 8)
    assert receiver.value() == 8


def test_it_tells_of_metrics_a_pool_and_knobs_of_every_type(
    receiver: KnobReceiver, touchpoint: ReceiverTouchpoint
) -> None:
    """Whole numbers, numbers and words; what has no `kept` is not persistent, and keeping it says so without a word sent."""
    ratio = {"name": "ratio", "type": "number", "value": 1, "minimum": 0, "maximum": 2, "step": 0.1}
    mode = {"name": "mode", "type": "choice", "value": "fast", "choices": ["fast", "safe"], "disruption": "restart"}
    receiver.report(ratio, mode, metrics={"queue_length_tasks": 7}, pool={"workers": 3, "cores": 1.5})
    first, second = touchpoint.knobs(receiver.plugin)
    assert (first.value, type(first.value), first.persistent) == (1.0, float, False)
    assert second.choices == ("fast", "safe")
    pool = touchpoint.pool(receiver.plugin)
    assert pool is not None
    assert (pool.workers, pool.cores) == (3, 1.5)
    figures = {sample.metric: sample.value for sample in touchpoint.sense(receiver.plugin, 1.0)}
    assert figures == {Metric.UP: 1.0, Metric.QUEUE_LENGTH: 7.0}
    touchpoint.turn(receiver.plugin, "mode", "safe")
    assert [knob.value for knob in touchpoint.knobs(receiver.plugin)] == [1.0, "safe"]
    assert not touchpoint.persist(receiver.plugin, "mode", "safe")
    assert receiver.sent("keep") == []


def test_only_what_this_process_was_configured_with_is_asked(
    receiver: KnobReceiver, touchpoint: ReceiverTouchpoint
) -> None:
    """A plugin that somebody else describes leads to no request: neither an address nor a secret comes from outside."""
    stranger = Plugin("stranger", "webhook", receiver.plugin.address)
    with pytest.raises(Gone, match="names no webhook stranger"):
        touchpoint.turn(stranger, "pool_size", 8)
    assert receiver.sent() == []


def test_a_secret_that_is_not_there_is_told(
    receiver: KnobReceiver, touchpoint: ReceiverTouchpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent unsigned."""
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(Unobservable, match="no variable"):
        touchpoint.knobs(receiver.plugin)
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(Unobservable, match="is empty"):
        touchpoint.knobs(receiver.plugin)
    assert receiver.sent() == []


def test_values_beyond_its_bounds_are_not_sent(receiver: KnobReceiver, touchpoint: ReceiverTouchpoint) -> None:
    """Its own bounds hold before a byte leaves us, halves of a whole number, too."""
    for value in (0, 65, 4.5, "many", True):
        with pytest.raises(InvalidValue):
            touchpoint.turn(receiver.plugin, "pool_size", value)
    assert receiver.sent("turn") == []
