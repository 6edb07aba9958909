"""The process that runs the engine tells people, as it is put together from a configuration; a dead channel holds nothing up."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from notify.sinks import HttpSink, http_sink
from web.small_system import proposal

from plugin_optimizer.bootstrap import System, build, check_config
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import ConfigError, DispatchState
from plugin_optimizer.notify.settings import Channel, Rules

pytestmark = pytest.mark.live


def engine(tmp_path: Path, sinks: dict[str, HttpSink]) -> System:
    channels = {}
    for name, sink in sinks.items():
        (tmp_path / name).write_text(sink.url)
        channels[name] = {"kind": "webhook", "url": f"file:{tmp_path / name}", "allow_inner": True}
    document = {
        "engine": {"state_dir": str(tmp_path / "state"), "home": str(tmp_path / "home"), "discover": False},
        "statsd": {"enabled": False},
        "notify": {"group_seconds": 0.0, "channels": channels},
        "policy": {"notify": [f"{name} info" for name in sinks]},
    }
    return build(parse_config(document))


def until(true: object, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def test_what_happens_is_told_and_a_channel_that_hangs_delays_neither_the_other_nor_the_ticks(tmp_path: Path) -> None:
    """From the audit entry to the other side within seconds, while a second channel does not answer."""
    with http_sink() as good, http_sink(lambda _: "hang") as hanging:
        system = engine(tmp_path, {"good": good, "hanging": hanging})
        try:
            system.runner.start()
            assert until(lambda: system.state.notification_cursor() is not None)
            for i in range(3):
                at = time.time()
                system.state.offer(proposal(f"p{i}"), at, at + 3600)
                assert until(lambda i=i: len(good.posted) == i + 1)
                assert good.posted[-1].at - at < 20
            assert until(lambda: hanging.asked >= 1)
            before = system.state.latest_cycle()
            assert until(lambda: system.state.latest_cycle() != before)
        finally:
            hanging.over.set()
            system.close()


def test_a_channel_that_does_not_fit_keeps_neither_the_engine_nor_the_others_from_running(tmp_path: Path) -> None:
    """It is left out, and the health page says so; at `serve` it is refused before anything starts."""
    with http_sink() as sink:
        system = engine(tmp_path, {"good": sink})
        notify = system.config.notify
        bad = Channel("bad", Rules("pigeon"), {})
        system.config = replace(system.config, notify=replace(notify, channels=(bad, *notify.channels)))
        with pytest.raises(ConfigError, match=r"notify\.channels\.bad\.kind"):
            check_config(system.config)
        try:
            system.runner.start()
            assert until(lambda: system.state.notification_cursor() is not None)
            at = time.time()
            system.state.offer(proposal("orders"), at, at + 3600)
            assert until(lambda: len(sink.posted) == 1)
        finally:
            system.close()


def test_a_restart_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """What happened while nobody ran is told by the next one, and what was told is not told again."""
    with http_sink() as sink:
        first = engine(tmp_path, {"good": sink})
        try:
            first.runner.start()
            assert until(lambda: first.state.notification_cursor() is not None)
        finally:
            first.close()
        second = engine(tmp_path, {"good": sink})
        try:
            at = time.time()
            second.state.offer(proposal("between"), at, at + 3600)
            second.runner.start()
            assert until(lambda: len(sink.posted) == 1)
            assert until(lambda: [d.state for d in second.state.dispatches()] == [DispatchState.DELIVERED])
        finally:
            second.close()
    assert [n["plugin_id"] for posted in sink.posted for n in posted.document["notices"]] == ["between"]
