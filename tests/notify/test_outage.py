"""The receiver is down for a while: what happens meanwhile waits, is bounded, arrives once each, and the engine goes on."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest
from notify.sinks import http_sink, smtp_sink
from notify.telling_engine import Quiet
from web.small_system import SmallSystem, proposal, record_cycle, small_system

from plugin_optimizer.domain import DispatchState, Policies
from plugin_optimizer.execute.policy_layers import merge_policies
from plugin_optimizer.models.calendar import parse_window
from plugin_optimizer.notify import NOTIFIERS, courier, service
from plugin_optimizer.notify.channels import make_channels
from plugin_optimizer.notify.settings import parse_notify

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
TOLD = 40
WAIT_SECONDS = 300.0


class TwoChannels(Quiet):
    """Both channels hear of everything."""

    def policies(self) -> Policies:
        return merge_policies({"": {"notify": ["hook info", "mail info"]}})


@contextmanager
def closed_port() -> Iterator[tuple[int, Callable[[], None]]]:
    """A port at which nobody listens, kept free for whoever comes back to it; and what gives it free."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1], kept.close


@pytest.fixture
def system(tmp_path: Path) -> Iterator[SmallSystem]:
    made = small_system(tmp_path / "state")
    yield made
    made.close()


def test_an_outage_delays_and_loses_nothing_and_blocks_nobody(
    system: SmallSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP and SMTP refuse connections while forty things happen; then they are back, and each arrives once at each."""
    for part, name, seconds in (
        (service, "PACE_SECONDS", 0.01),
        (service, "LOOK_SECONDS", 0.01),
        (service, "LOOKING_SECONDS", 0.01),
        (courier, "FIRST_RETRY_SECONDS", 0.2),
        (courier, "LONGEST_RETRY_SECONDS", 1.0),
    ):
        monkeypatch.setattr(part, name, seconds)
    with closed_port() as (http_port, give_http), closed_port() as (smtp_port, give_smtp):
        (tmp_path / "url").write_text(f"http://127.0.0.1:{http_port}/hook")
        rules = {"most_per_hour": 3600, "language": "en"}
        hook = {"kind": "webhook", "url": f"file:{tmp_path / 'url'}", "allow_inner": True, **rules}
        mail = {"kind": "email", "host": "127.0.0.1", "port": smtp_port, "security": "none", **rules}
        mail |= {"sender": "Plugins <plugins@example.org>", "recipients": ["ops@example.org"]}
        settings = parse_notify({"group_seconds": 0.0, "channels": {"hook": hook, "mail": mail}}, parse_window)
        fence = system.state.take_lease("outage:1:a", time.time())
        channels = make_channels(settings.channels, NOTIFIERS)
        told = service.NotificationService(system.state, settings, channels, TwoChannels(), 5.0, fence)
        told.start()
        try:
            _until(lambda: system.state.notification_cursor() is not None)
            _happen(system)
            _until(lambda: all(attempts >= 3 for attempts in _attempts(system)))
            assert {state for _, state in system.state.count_dispatches()} <= {
                DispatchState.WAITING,
                DispatchState.SENDING,
            }
            waiting = system.state.dispatches(limit=500)
            assert len(waiting) <= 2 * TOLD, "no more messages than things that happened, whatever the retries"
            assert all(
                d.due_at > d.attempted_at for d in waiting if d.attempted_at and d.state is DispatchState.WAITING
            )
            give_http()
            give_smtp()
            with http_sink(port=http_port) as http, smtp_sink(port=smtp_port) as smtp:
                _until(lambda: {state for _, state in system.state.count_dispatches()} == {DispatchState.DELIVERED})
        finally:
            told.stop()
    heard = Counter(notice["suggestion_id"] for posted in http.posted for notice in posted.document["notices"])
    ids = Counter(posted.document["id"] for posted in http.posted)
    assert (len(heard), set(heard.values()), set(ids.values())) == (TOLD, {1}, {1})
    known = [message_from_bytes(text)["Message-ID"] for _, _, text in smtp.letters]
    assert len(known) == len(set(known)) == sum(d.channel == "mail" for d in system.state.dispatches(limit=500))


def _happen(system: SmallSystem) -> None:
    """Let the engine find things, and turn meanwhile: no turn waits for a channel."""
    turns: list[int] = []
    turning = threading.Thread(target=lambda: turns.extend(_turn(system) for _ in range(TOLD)))
    turning.start()
    for number in range(TOLD):
        system.state.offer(proposal(f"away{number:02}"), time.time(), time.time() + 3600)
    turning.join(WAIT_SECONDS)
    assert len(turns) == TOLD


def _turn(system: SmallSystem) -> int:
    return record_cycle(system).number


def _attempts(system: SmallSystem) -> list[int]:
    tries: dict[str, int] = {}
    for dispatch in system.state.dispatches(limit=500):
        tries[dispatch.channel] = max(tries.get(dispatch.channel, 0), dispatch.attempts)
    return [tries.get("hook", 0), tries.get("mail", 0)]


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, "what was promised did not come about"
        time.sleep(0.1)
