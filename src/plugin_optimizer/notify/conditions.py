"""What is wrong now and lasts: seen from the state as it stands, so that nothing is missed while nobody looked. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..domain import (
    Cycle,
    Dispatch,
    Execution,
    Message,
    Notice,
    NoticeKind,
    Phase,
    Plugin,
    PluginStatus,
    Policies,
    Severity,
)

DEAD_SECONDS = 30.0  # a restart is no incident
STOPPED_TURNS, STOPPED_SECONDS = 10, 120.0  # so many turns missed, and at least so long
FAILING_TURNS = 3  # a part that raised once will be heard of if it goes on
STATUS_KINDS = {PluginStatus.INACTIVE: NoticeKind.PLUGIN_DEAD, PluginStatus.UNKNOWN: NoticeKind.PLUGIN_STALE}


@dataclass(frozen=True, slots=True)
class Stop:
    """Who stopped, and why."""

    actor: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands at `now`. `failing` counts for how many looks in a row each part of the engine has raised."""

    now: float
    interval_seconds: float
    policies: Policies
    plugins: Sequence[tuple[Plugin, PluginStatus, float]] = ()
    needing: Sequence[Execution] = ()
    stop: Stop | None = None
    trouble: Message | None = None  # the audit and its anchors
    cycle: Cycle | None = None
    failing: Mapping[str, int] = field(default_factory=dict)
    given_up: Sequence[Dispatch] = ()  # of the last day

    @property
    def plugin_ids(self) -> frozenset[str]:
        return frozenset(plugin.plugin_id for plugin, _, _ in self.plugins)


def conditions(standing: Standing) -> Iterator[Notice]:
    """Yield what is wrong, each as the notice that it began."""
    yield from _plugins(standing)
    yield from (_needing(execution) for execution in standing.needing)
    yield from _engine(standing)
    if standing.stop is not None:
        said = {"actor": standing.stop.actor or None, "reason": standing.stop.reason or None}
        yield _began(
            NoticeKind.EMERGENCY_STOP, Severity.CRITICAL, "stop", standing.now, Message("told_emergency_stop", said)
        )
    yield from _channels(standing)


def _plugins(standing: Standing) -> Iterator[Notice]:
    for plugin, status, since in standing.plugins:
        plugin_id, age = plugin.plugin_id, standing.now - since
        if status is PluginStatus.INACTIVE and age >= DEAD_SECONDS:
            message = Message("told_plugin_dead", {"plugin_id": plugin_id})
            yield _began(NoticeKind.PLUGIN_DEAD, Severity.CRITICAL, plugin_id, since, message, plugin_id)
        if status is PluginStatus.UNKNOWN and age >= standing.policies.of(plugin_id).stale_seconds:
            message = Message("told_plugin_stale", {"plugin_id": plugin_id})
            yield _began(NoticeKind.PLUGIN_STALE, Severity.WARNING, plugin_id, since, message, plugin_id)


def _needing(execution: Execution) -> Notice:
    return Notice(
        NoticeKind.NEEDS_PERSON,
        Phase.BEGAN,
        Severity.CRITICAL,
        f"{NoticeKind.NEEDS_PERSON}:{execution.id}",
        execution.finished_at or execution.updated_at,
        execution.description,
        execution.change.plugin_id,
        suggestion_id=execution.suggestion_id,
        execution_id=execution.id,
        reason=execution.reason,
    )


def _engine(standing: Standing) -> Iterator[Notice]:
    now, cycle = standing.now, standing.cycle
    if standing.trouble is not None:
        yield _began(NoticeKind.ENGINE_TROUBLE, Severity.CRITICAL, standing.trouble.code, now, standing.trouble)
    patience = max(STOPPED_SECONDS, STOPPED_TURNS * standing.interval_seconds)
    if cycle is not None and now - cycle.at > patience:
        message = Message("told_engine_stopped", {"last_at_seconds": cycle.at})
        yield _began(NoticeKind.ENGINE_TROUBLE, Severity.CRITICAL, "stopped", now, message)
    for fault in cycle.faults if cycle is not None else ():
        if standing.failing.get(fault.part, 0) >= FAILING_TURNS:
            message = Message("told_part_failed", {"part": fault.part, "error": fault.error[:200]})
            yield _began(NoticeKind.ENGINE_TROUBLE, Severity.WARNING, f"part:{fault.part}", now, message)


def _channels(standing: Standing) -> Iterator[Notice]:
    last = {dispatch.channel: dispatch for dispatch in standing.given_up}
    for channel, dispatch in last.items():
        message = Message("told_channel_failing", {"channel": channel, "answer": dispatch.answer})
        yield _began(NoticeKind.ENGINE_TROUBLE, Severity.WARNING, f"channel:{channel}", standing.now, message)


def _began(
    kind: NoticeKind, severity: Severity, what: str, at: float, message: Message, plugin_id: str | None = None
) -> Notice:
    return Notice(kind, Phase.BEGAN, severity, f"{kind}:{what}", at, message, plugin_id)
