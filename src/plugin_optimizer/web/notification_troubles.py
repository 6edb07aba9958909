"""What is wrong with telling people outside."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ..bootstrap import channels_of
from ..domain import ConfigError, Dispatch, DispatchState, Message, Policies, parse_route
from ..notify.channels import ReadyChannel
from ..notify.collector import given_up_lately
from .route import Call

LATE_SECONDS = 600.0


def notification_troubles(call: Call) -> Iterator[Message]:
    """Yield what keeps messages from arriving: settings, secrets, the other side."""
    try:
        channels = channels_of(call.system.config)
    except ConfigError as error:
        yield Message("channels_misconfigured", {"error": str(error)})
        return
    for name in unknown_channels(call.system.policies(), channels):
        yield Message("channel_unknown", {"channel": name})
    for channel in channels.values():
        for secret in channel.secrets:
            if not secret.there:
                yield Message("channel_secret_missing", {"channel": channel.name, "reference": secret.reference})
    if channels:
        yield from _failing(given_up_lately(call.system.state, call.now))
        yield from _late(call)


def unknown_channels(policies: Policies, channels: Mapping[str, ReadyChannel]) -> Sequence[str]:
    """Return the names in policies under which there is no channel."""
    routes = [*policies.default.notify, *(r for policy in policies.by_plugin.values() for r in policy.notify)]
    return sorted({parse_route(route).channel for route in routes} - channels.keys())


def _failing(given_up: Sequence[Dispatch]) -> Iterator[Message]:
    answers = {dispatch.channel: dispatch.answer for dispatch in given_up}
    for channel, count in Counter(dispatch.channel for dispatch in given_up).items():
        answer = answers[channel] or None
        yield Message("channel_failing", {"channel": channel, "given_up": count, "answer": answer})


def _late(call: Call) -> Iterator[Message]:
    waiting = call.system.state.dispatches(state=DispatchState.WAITING, limit=200)
    tried = {d.channel: d for d in waiting if d.attempts and call.now - d.created_at > LATE_SECONDS}  # the oldest stays
    for channel, dispatch in tried.items():
        age, answer = call.now - dispatch.created_at, dispatch.answer or None
        yield Message("channel_late", {"channel": channel, "waiting_seconds": age, "answer": answer})
