"""Where the CPU of an application goes, by plugin, package and function; or, for a few seconds, its memory by package and line."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from ...domain import InvalidValue, Message, Plugin
from ...monitor.profiles import Part, Profile, Profiles, Use
from ...probe.channel import home as default_home
from ...probe.memory_burst import TRACES_BYTES_AT_MOST
from ...probe.profile import LONGEST_SECONDS
from ...probe.sampler import SHARE_AT_MOST
from ..moment import iso
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin
from ..views.message import MessageView, view_message, view_optional

MOST_ROWS = 50
TRACING_TIMES = 4.0  # benchmarks/probe_overhead.py: CPU of a request while allocations are traced, against the bare one
COSTS = {
    "cpu": Message("profile_cost_cpu", {"share_ratio": SHARE_AT_MOST}),
    "memory": Message("profile_cost_memory", {"times": TRACING_TIMES, "limit_bytes": TRACES_BYTES_AT_MOST}),
}


class ProfileQuery(Strict, frozen=True, kw_only=True):
    """`standing`: what samplers that always run counted in their last half minute, instead of what was asked last."""

    standing: bool = False


class ProfileBody(Strict, frozen=True, kw_only=True):
    kind: Literal["cpu", "memory"] = "cpu"
    seconds: Annotated[float, msgspec.Meta(ge=1, le=300)] = 10.0


class UseView(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` in seconds of CPU, or in bytes; `share_ratio` of all that the processes used, or of what was traced."""

    name: str
    package: str
    amount: float
    share_ratio: float | None
    blocks: int


class RefusalView(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    why: MessageView


class ProfileView(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is none, running or done. `looking_seconds` is the part of `total` that measuring took; `why_not` says why nothing is told."""

    plugin_id: str
    host: str
    state: Literal["none", "running", "done"]
    kind: str | None
    asked_at: str | None
    seconds: float | None
    progress_ratio: float | None
    processes: int
    answered: int
    looks: int
    total: float
    looking_seconds: float
    plugins: tuple[UseView, ...]
    packages: tuple[UseView, ...]
    functions: tuple[UseView, ...]
    refused: tuple[RefusalView, ...]
    costs: dict[str, MessageView]
    why_not: MessageView | None


def begin_profile(call: Call, body: ProfileBody, plugin_id: str) -> Answer:
    """Ask the processes of the plugin; of a part of an application, all of its host's."""
    part = _part(call, plugin_id)
    if body.seconds > LONGEST_SECONDS[body.kind]:
        raise InvalidValue(
            f"seconds is {body.seconds:g}; expected at most {LONGEST_SECONDS[body.kind]:g} for {body.kind}"
        )
    profiles = _profiles(call)
    profiles.ask(part.host, body.kind, body.seconds, call.now)
    return Answer(_view(call, plugin_id, part, profiles.latest(part, call.now)), 202)


def read_profile(call: Call, query: ProfileQuery, plugin_id: str) -> Answer:
    part = _part(call, plugin_id)
    profiles = _profiles(call)
    if query.standing:
        found, missing = profiles.standing(part, call.now), Message("profile_no_standing")
    else:
        found, missing = profiles.latest(part, call.now), Message("profile_none")
    return Answer(_view(call, plugin_id, part, found, missing))


def _part(call: Call, plugin_id: str) -> Part:
    """Return what is asked about; an application that we run inside of is none of the plugins, and its parts name it. Raises NotFound."""
    if any(plugin.address.get("host") == plugin_id for plugin, _, _ in call.system.state.plugins()):
        return Part(plugin_id)
    return part_of(known_plugin(call, plugin_id)[0])


def part_of(plugin: Plugin) -> Part:
    """Return which processes tell of a plugin, and which of their figures are its own."""
    host = plugin.address.get("host", plugin.plugin_id)
    if plugin.touchpoint == "blueprint":
        return Part(host, blueprint=plugin.address.get("blueprint", ""))
    if plugin.touchpoint == "hooks":
        return Part(host, hook=plugin.plugin_id)
    return Part(plugin.plugin_id)


def _profiles(call: Call) -> Profiles:
    return Profiles(call.system.config.home or default_home())


def _view(call: Call, plugin_id: str, part: Part, found: Profile | None, missing: Message | None = None) -> ProfileView:
    lang, costs = call.lang, {kind: view_message(cost, call.lang) for kind, cost in COSTS.items()}
    if found is None:
        return ProfileView(
            plugin_id=plugin_id, host=part.host, state="none", kind=None, asked_at=None, seconds=None, progress_ratio=None,
            processes=0, answered=0, looks=0, total=0.0, looking_seconds=0.0, plugins=(), packages=(), functions=(), refused=(),
            costs=costs, why_not=view_optional(missing, lang),
        )  # fmt: skip
    request, looked = found.request, call.now - found.request.asked_at
    return ProfileView(
        plugin_id=plugin_id,
        host=part.host,
        state="running" if found.running else "done",
        kind=request.kind,
        asked_at=iso(request.asked_at),
        seconds=found.seconds or request.seconds,
        progress_ratio=min(1.0, max(0.0, looked / request.seconds)) if found.running else 1.0,
        processes=found.processes,
        answered=found.answered,
        looks=found.looks,
        total=found.total,
        looking_seconds=found.own_seconds,
        plugins=_uses(found.plugins, found.total),
        packages=_uses(found.packages, found.total),
        functions=_uses(found.functions, found.total),
        refused=tuple(RefusalView(pid=each.pid, why=view_message(_why(each.reason), lang)) for each in found.refused),
        costs=costs,
        why_not=None,
    )


def _why(reason: str) -> Message:
    return Message(f"profile_{reason}", {"limit_bytes": TRACES_BYTES_AT_MOST})


def _uses(uses: Sequence[Use], total: float) -> tuple[UseView, ...]:
    return tuple(
        UseView(
            name=use.name,
            package=use.package,
            amount=use.amount,
            share_ratio=use.amount / total if total > 0 else None,
            blocks=use.blocks,
        )
        for use in uses[:MOST_ROWS]
    )


ROUTES = (
    Route(
        "POST", "/plugins/<plugin_id>/profile", Role.OPERATOR, begin_profile,
        "Measure for some seconds where the CPU or the memory goes", ProfileView, body=ProfileBody, status=202,
    ),
    Route(
        "GET", "/plugins/<plugin_id>/profile", Role.VIEWER, read_profile,
        "Read where the CPU or the memory went", ProfileView, ProfileQuery,
    ),
)  # fmt: skip
