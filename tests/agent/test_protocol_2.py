"""Agents are upgraded one by one: what passes between versions stays what it was, as long as it bears the same number."""

import json
from pathlib import Path

import msgspec
import pytest

from plugin_optimizer.agent.messages import (
    OLDEST_PROTOCOL,
    PROTOCOL,
    Failed,
    Fetched,
    Figure,
    Greeting,
    PoolView,
    Request,
    Told,
    read,
    samples_of,
)
from plugin_optimizer.domain import Knob, Plugin

from . import record_protocol as today

RECORDED = json.loads((Path(__file__).parent / "recorded" / "protocol_2.json").read_text())
FORMS = {"discover": list[Plugin], "sense": list[Figure], "pool": PoolView, "knobs": list[Knob], "fetch": Fetched}


def test_the_recording_is_of_the_protocol_that_is_spoken() -> None:
    """Whoever raises the number records the next one beside this, and still speaks the one before."""
    assert RECORDED["protocol"] in (PROTOCOL, PROTOCOL - 1)
    assert RECORDED["protocol"] >= OLDEST_PROTOCOL


@pytest.mark.parametrize("name", RECORDED["requests"])
def test_an_agent_reads_what_an_earlier_server_asks(name: str) -> None:
    """Exactly so: a message that holds more or less than its form has room for would be refused."""
    assert read(RECORDED["requests"][name].encode(), Request) == msgspec.json.decode(
        today.requests()[name], type=Request
    )


@pytest.mark.parametrize("name", today.questions())
def test_a_server_asks_what_an_earlier_agent_reads(name: str) -> None:
    """Byte by byte: an agent refuses a field that it does not know. A new question, or a new field, needs a new number."""
    assert name in RECORDED["requests"], (
        "this question is new: raise PROTOCOL, and do not ask it of an agent that is older"
    )
    assert today.requests()[name] == RECORDED["requests"][name].encode()


@pytest.mark.parametrize("name", RECORDED["answers"])
def test_a_server_reads_what_an_earlier_agent_answers(name: str) -> None:
    """Every answer, and the word that it failed."""
    answer = msgspec.json.decode(RECORDED["answers"][name], type=Told | Failed)
    if isinstance(answer, Failed):
        assert (answer.error, answer.code) == ("stale", "stale_fence")
        return
    found = msgspec.json.decode(answer.result, type=FORMS[name])
    if name in ("sense", "fetch"):
        figures = found.samples if isinstance(found, Fetched) else found
        assert samples_of(figures) == [today.SAMPLE]
    else:
        expected = today.results()[name]
        assert found == (PoolView.of(today.POOL) if name == "pool" else expected)


def test_a_server_reads_what_a_later_agent_answers() -> None:
    """Fields that are new are not read, and a figure of a kind that is new is left out, not all of them."""
    figures = [
        msgspec.to_builtins(today.SAMPLE),
        {"plugin_id": "orders", "metric": "of_tomorrow", "at": 1.0, "value": 2.0},
    ]
    spooled = {"spool": "s", "number": 2, "lost": 0, "samples": figures, "later": True}
    assert samples_of(msgspec.convert(spooled, Fetched).samples) == [today.SAMPLE]
    knob = msgspec.to_builtins(today.KNOB) | {"later": "something"}
    assert msgspec.convert(knob, Knob) == today.KNOB


def test_the_greeting_of_an_earlier_agent_is_understood() -> None:
    """Which versions it speaks stands in its first word."""
    word = msgspec.json.decode(RECORDED["greetings"]["greeting"], type=Greeting)
    assert (word.version, word.oldest) == (2, 2)
