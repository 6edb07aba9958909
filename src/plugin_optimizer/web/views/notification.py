"""Channels and messages in JSON: what may be shown of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...domain import Dispatch, DispatchState, Policies, parse_route
from ...notify.channels import ReadyChannel
from ...notify.letters import sentence, title
from ..moment import iso

DEFAULT = "default"


class RouteView(msgspec.Struct, frozen=True, kw_only=True):
    """Whose notices go there (`default`: those of every plugin whose policy says nothing else), from which severity on."""

    plugin_id: str
    least: str


class ChannelView(msgspec.Struct, frozen=True, kw_only=True):
    """Of a secret, `settings` says where it is kept and whether it is there. `counts` are the messages of a week."""

    name: str
    kind: str
    language: str
    events: tuple[str, ...]
    digest_minutes: int
    urgent: str
    quiet_hours: tuple[str, ...]
    quiet_now: bool
    most_per_hour: int
    settings: Mapping[str, Any]
    routes: tuple[RouteView, ...]
    counts: Mapping[str, int]
    last_answer: str | None
    last_at: str | None


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    phase: str
    severity: str
    plugin_id: str | None
    suggestion_id: str | None
    execution_id: str | None
    at: str | None
    text: str


class DispatchView(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `count` notices are told by it, the first fifty of which are in `notices`."""

    id: str
    channel: str
    state: str
    severity: str
    title: str
    count: int
    notices: tuple[NoticeView, ...]
    attempts: int
    answer: str
    created_at: str | None
    due_at: str | None
    attempted_at: str | None
    ended_at: str | None
    gives_up_at: str | None
    retryable: bool


def view_channel(
    channel: ReadyChannel, policies: Policies, counts: Mapping[tuple[str, DispatchState], int], last: Dispatch | None, now: float
) -> ChannelView:  # fmt: skip
    rules = channel.rules
    return ChannelView(
        name=channel.name,
        kind=rules.kind,
        language=rules.language,
        events=rules.events,
        digest_minutes=rules.digest_minutes,
        urgent=rules.urgent,
        quiet_hours=rules.quiet_hours,
        quiet_now=any(hours.holds(now) for hours in rules.quiet),
        most_per_hour=rules.most_per_hour,
        settings=channel.shown(),
        routes=tuple(_routes(channel.name, policies)),
        counts={state.value: counts.get((channel.name, state), 0) for state in DispatchState},
        last_answer=None if last is None else last.answer,
        last_at=None if last is None else iso(last.attempted_at),
    )


def _routes(channel: str, policies: Policies) -> Sequence[RouteView]:
    """Return who is told of on a channel: of all, of groups, and of plugins, each where it says so itself."""
    named = {DEFAULT: policies.default.notify}
    for plugin_id, policy in sorted(policies.by_plugin.items()):
        origin = policies.origin(plugin_id)["notify"]
        named.setdefault(plugin_id if origin == "plugin" else origin, policy.notify)
    return [
        RouteView(plugin_id=name, least=route.least)
        for name, routes in named.items()
        for route in map(parse_route, routes)
        if route.channel == channel and (name == DEFAULT or routes != policies.default.notify)
    ]


def view_dispatch(dispatch: Dispatch, lang: str) -> DispatchView:
    count = len(dispatch.notices) + dispatch.more
    return DispatchView(
        id=dispatch.id,
        channel=dispatch.channel,
        state=dispatch.state,
        severity=dispatch.severity,
        title=title(dispatch.notices, count, lang),
        count=count,
        notices=tuple(
            NoticeView(
                kind=notice.kind,
                phase=notice.phase,
                severity=notice.severity,
                plugin_id=notice.plugin_id,
                suggestion_id=notice.suggestion_id,
                execution_id=notice.execution_id,
                at=iso(notice.at),
                text=sentence(notice, lang),
            )
            for notice in dispatch.notices[:50]
        ),
        attempts=dispatch.attempts,
        answer=dispatch.answer,
        created_at=iso(dispatch.created_at),
        due_at=iso(dispatch.due_at),
        attempted_at=iso(dispatch.attempted_at),
        ended_at=iso(dispatch.ended_at),
        gives_up_at=iso(dispatch.gives_up_at),
        retryable=dispatch.state in {DispatchState.GIVEN_UP, DispatchState.WAITING},
    )
