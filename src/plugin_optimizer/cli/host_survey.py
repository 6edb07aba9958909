"""What was found on this host: what can be sensed and turned of each, and what one line would unlock."""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..contracts import Touchpoint
from ..domain import Knob, Message, Metric, OptimizerError, Plugin
from ..touchpoints.bystanders import Bystander, bystanders

BETWEEN_LOOKS_SECONDS = 1.0  # rates come with the second look
USER_AND_PASSWORD = re.compile(r"//[^@/\s]*@")
BY_NAME_ALONE = frozenset({"webhook", "command", "kubernetes"})  # the configuration names them, or they are not found
OF_REQUESTS = frozenset({Metric.RESPONSE_TIME_P95_SECONDS, Metric.QUEUE_WAIT_SECONDS})


@dataclass(frozen=True, slots=True)
class Found:
    """One thing. `plugin` is None of what no touchpoint knows; `trouble` says why one that a touchpoint knows does not answer."""

    kind: str
    name: str
    plugin: Plugin | None = None
    senses: tuple[str, ...] = ()
    knobs: tuple[Knob, ...] = ()
    not_offered: tuple[tuple[str, str], ...] = ()
    trouble: str = ""
    unlocks: tuple[Message, ...] = ()


def survey(touchpoints: Mapping[str, Touchpoint], instrumented: Iterable[str]) -> list[Found]:
    """Look twice at everything that touchpoints find, and once at what else runs. Changes nothing."""
    probed = frozenset(instrumented)
    plugins = [each for touchpoint in touchpoints.values() for each in _plugins(touchpoint)]
    for plugin, trouble in plugins:
        if not trouble:
            _metrics(touchpoints[plugin.touchpoint], plugin)
    time.sleep(BETWEEN_LOOKS_SECONDS if plugins else 0.0)
    seen = [_of_plugin(touchpoints[plugin.touchpoint], plugin, trouble, probed) for plugin, trouble in plugins]
    containers = frozenset(plugin.address.get("id", "") for plugin, _ in plugins if plugin.touchpoint == "docker")
    return [
        *seen,
        *(_of_bystander(one) for one in bystanders() if one.kind not in touchpoints and one.name not in containers),
    ]


def _plugins(touchpoint: Touchpoint) -> Sequence[tuple[Plugin, str]]:
    """Return what a touchpoint found, with those that do not answer where it tells of them."""
    found: Callable[[], Sequence[tuple[Plugin, str]]] | None = getattr(touchpoint, "found", None)
    return found() if found is not None else [(plugin, "") for plugin in touchpoint.discover()]


def _metrics(touchpoint: Touchpoint, plugin: Plugin) -> tuple[str, ...]:
    try:
        return tuple(sample.metric.value for sample in touchpoint.sense(plugin, time.time()))
    except OptimizerError:
        return ()


def _of_plugin(touchpoint: Touchpoint, plugin: Plugin, trouble: str, probed: frozenset[str]) -> Found:
    seen = Found(plugin.touchpoint, plugin.plugin_id, plugin, trouble=trouble)
    own: Callable[[Plugin], Sequence[Message]] | None = getattr(touchpoint, "unlocks", None)
    if trouble:
        return replace(seen, unlocks=_unlocks_of_silent(plugin, own))
    tell: Callable[[Plugin], Mapping[str, str]] | None = getattr(touchpoint, "not_offered", None)
    try:
        knobs = tuple(touchpoint.knobs(plugin))
        reasons = tuple(tell(plugin).items()) if tell is not None else ()
        lines = tuple(own(plugin)) if own is not None else ()
    except OptimizerError as error:
        return replace(seen, trouble=str(error))
    senses = _metrics(touchpoint, plugin)
    if plugin.plugin_id in probed:
        senses = (*senses, *sorted(metric.value for metric in OF_REQUESTS - set(map(Metric, senses))))
    return replace(
        seen,
        senses=senses,
        knobs=knobs,
        not_offered=reasons,
        unlocks=(*lines, *unlocks(plugin, knobs, probed=plugin.plugin_id in probed)),
    )


def _unlocks_of_silent(plugin: Plugin, own: Callable[[Plugin], Sequence[Message]] | None) -> tuple[Message, ...]:
    """Return the lines that would make one answer that does not."""
    if own is not None:
        return tuple(own(plugin))
    return () if plugin.touchpoint in BY_NAME_ALONE else (Message("unlock_address", {"plugin_id": plugin.plugin_id}),)


def unlocks(plugin: Plugin, knobs: Sequence[Knob], *, probed: bool) -> tuple[Message, ...]:
    """Return the lines that would make more possible."""
    lasting = all(knob.persistent for knob in knobs)
    if plugin.touchpoint == "gunicorn":
        lines = [] if probed else [Message("unlock_instrument", {"plugin_id": plugin.plugin_id})]
        return tuple(lines if lasting else [*lines, Message("unlock_config_file")])
    if plugin.touchpoint == "uwsgi" and not probed:
        return (Message("unlock_instrument", {"plugin_id": plugin.plugin_id}),)
    if plugin.touchpoint == "redis" and knobs and not lasting:
        return (Message("unlock_redis_file"),)
    if plugin.touchpoint == "celery" and not probed:
        return (Message("unlock_celery_tasks"),)
    return ()


def _of_bystander(one: Bystander) -> Found:
    said = Message("seen_only", {"kind": one.kind, "command": _shown(one.command)})
    return Found(one.kind, one.name, unlocks=(said, Message("unlock_docker")) if one.kind == "container" else (said,))


def _shown(command: Sequence[str]) -> str:
    """Return the beginning of a command line, without the secrets of addresses in it: what comes later may be one, too."""
    return USER_AND_PASSWORD.sub("//…@", " ".join(command[:3]))[:80]
