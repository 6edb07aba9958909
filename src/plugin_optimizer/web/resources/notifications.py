"""Telling people outside: the channels and whether they work, what was told, and how much there would have been to tell."""

import time
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from ...bootstrap import channels_of
from ...contracts import AuditEntry
from ...domain import Dispatch, DispatchState, NotFound, Severity, Undelivered
from ...knowledge.identifiers import new_id
from ...notify.channels import ReadyChannel
from ...notify.courier import deliver_letter
from ...notify.gathering import Routing
from ...notify.letters import trial_letter
from ...notify.rehearsal import messages, routed_everywhere, story
from ..moment import iso
from ..notification_troubles import unknown_channels
from ..paging import Identifier, Limit, page
from ..route import Answer, Call, Role, Route, Strict
from ..views.notification import ChannelView, DispatchView, view_channel, view_dispatch

DAY_SECONDS, HOUR_SECONDS = 86_400.0, 3600.0
FAMILIES = ("suggestion", "execution", "plugin", "emergency_stop")
MOST_ENTRIES, AT_A_TIME = 20_000, 5_000
ChannelName = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class TestBody(Strict, frozen=True, kw_only=True):
    channel: ChannelName


class OutboxQuery(Strict, frozen=True, kw_only=True):
    channel: ChannelName | None = None
    state: Literal["waiting", "sending", "delivered", "given_up"] | None = None
    limit: Limit = 50
    after: Identifier | None = None


class RehearsalQuery(Strict, frozen=True, kw_only=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 7


class ChannelsView(msgspec.Struct, frozen=True, kw_only=True):
    """`unknown`: what policies name and the configuration does not have. `give_up_hours`: after which a message is given up."""

    channels: tuple[ChannelView, ...]
    unknown: tuple[str, ...]
    give_up_hours: float
    remind_hours: float
    group_seconds: float
    dashboard_url: str


class TrialView(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side said to a test message."""

    channel: str
    delivered: bool
    answer: str
    took_seconds: float


class ChannelRehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """`messages` by the policies as they are, `kinds` what of; `from_*` if every plugin were told of here from that severity on."""

    channel: str
    messages: int
    kinds: dict[str, int]
    from_info: int
    from_warning: int
    from_critical: int


class RehearsalView(msgspec.Struct, frozen=True, kw_only=True):
    """`complete`: false where there is more in the audit than was looked at; then `since` is later than asked for."""

    days: int
    since: str | None
    complete: bool
    channels: tuple[ChannelRehearsal, ...]


def list_channels(call: Call) -> Answer:
    """Raises ConfigError where the configuration does not fit."""
    notify, policies, state = call.system.config.notify, call.system.policies(), call.system.state
    channels, counts = channels_of(call.system.config), call.system.state.count_dispatches()
    latest: dict[str, Dispatch] = {}
    for name in channels:
        tried = [d for d in state.dispatches(name, limit=20) if d.attempts]
        if tried:
            latest[name] = max(tried, key=lambda d: d.attempted_at or 0.0)
    views = [view_channel(c, policies, counts, latest.get(c.name), call.now) for c in channels.values()]
    return Answer(
        ChannelsView(
            channels=tuple(views),
            unknown=tuple(unknown_channels(policies, channels)),
            give_up_hours=notify.give_up_hours,
            remind_hours=notify.remind_hours,
            group_seconds=notify.group_seconds,
            dashboard_url=notify.dashboard_url,
        )
    )


def send_test_notification(call: Call, body: TestBody) -> Answer:
    """Really send a message now, past the outbox, and say what the other side answered."""
    channel = _channel(call, body.channel)
    letter = trial_letter(
        new_id("nt", call.now), channel.name, channel.rules, call.system.config.notify, call.actor, call.now
    )
    began = time.monotonic()
    try:
        answer, delivered = deliver_letter(channel, letter), True
    except Undelivered as failure:
        answer, delivered = str(failure), False
    took = time.monotonic() - began
    call.system.state.record_notification_test(channel.name, call.actor, call.now, delivered)
    return Answer(TrialView(channel=channel.name, delivered=delivered, answer=answer, took_seconds=took))


def list_outbox(call: Call, query: OutboxQuery) -> Answer:
    """Return newest first."""
    state = None if query.state is None else DispatchState(query.state)

    def fetch(limit: int, after: str | None) -> Sequence[Dispatch]:
        return call.system.state.dispatches(query.channel, state, limit, after)

    found, headers = page(fetch, lambda _: True, lambda d: d.id, query.limit, query.after)
    return Answer([view_dispatch(dispatch, call.lang) for dispatch in found], headers=headers)


def retry_notification(call: Call, dispatch_id: str) -> Answer:
    """Let a message be sent now that was given up, or waits. Raises NotFound, Conflict (`not_retryable`)."""
    gives_up_at = call.now + call.system.config.notify.give_up_hours * HOUR_SECONDS
    again = call.system.state.retry_dispatch(dispatch_id, call.actor, call.now, gives_up_at)
    return Answer(view_dispatch(again, call.lang))


def rehearse_notifications(call: Call, query: RehearsalQuery) -> Answer:
    """Say how many messages the last days would have made, by the policies and channels as they are."""
    since = call.now - query.days * DAY_SECONDS
    entries, complete = _entries(call, since)
    policies, settings = call.system.policies(), call.system.config.notify
    channels = channels_of(call.system.config)
    told = tuple(story(entries, call.system.state, policies, settings, call.now)) if channels else ()
    rules = {name: channel.rules for name, channel in channels.items()}

    def count(channel: str, least: Severity) -> int:
        routing = Routing(rules, routed_everywhere(policies, channel, least))
        return len(messages(told, channel, routing, settings, call.now).went)

    views = []
    for name in channels:
        box = messages(told, name, Routing(rules, policies), settings, call.now)
        views.append(
            ChannelRehearsal(
                channel=name,
                messages=len(box.went),
                kinds=dict(box.kinds),
                from_info=count(name, Severity.INFO),
                from_warning=count(name, Severity.WARNING),
                from_critical=count(name, Severity.CRITICAL),
            )
        )
    begin = since if complete or not entries else max(since, entries[0].at)
    return Answer(RehearsalView(days=query.days, since=iso(begin), complete=complete, channels=tuple(views)))


def _channel(call: Call, name: str) -> ReadyChannel:
    channels = channels_of(call.system.config)
    if name not in channels:
        raise NotFound(f"no channel is called {name[:32]!r}; GET /notifications/channels lists them")
    return channels[name]


def _entries(call: Call, since: float) -> tuple[Sequence[AuditEntry], bool]:
    """Return the entries since then that tell something, oldest first, and whether those are all."""
    found: list[AuditEntry] = []
    begins, complete = since, True
    for family in FAMILIES:
        before: int | None = None
        read: list[AuditEntry] = []
        while True:
            some = call.system.state.audit(AT_A_TIME, before, action=family)
            read += [entry for entry in some if entry.at >= since]
            if len(some) < AT_A_TIME or some[-1].at < since:
                break
            if len(read) >= MOST_ENTRIES:
                complete, begins = False, max(begins, read[-1].at)
                break
            before = some[-1].number
        found += read
    return sorted((e for e in found if e.at >= begins), key=lambda entry: (entry.at, entry.number)), complete


ROUTES = (
    Route("GET", "/notifications/channels", Role.OPERATOR, list_channels, "List channels", ChannelsView),
    Route("POST", "/notifications/test", Role.ADMIN, send_test_notification, "Send a test message", TrialView, body=TestBody),
    Route("GET", "/notifications/outbox", Role.OPERATOR, list_outbox, "List messages", list[DispatchView], OutboxQuery),
    Route("POST", "/notifications/outbox/<dispatch_id>/retry", Role.OPERATOR, retry_notification, "Send again", DispatchView),
    Route("GET", "/notifications/preview", Role.OPERATOR, rehearse_notifications, "Count the messages of the past", RehearsalView, RehearsalQuery),
)  # fmt: skip
