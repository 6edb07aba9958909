"""From what happened and what lasts to what is told: once for each cause, again while a person is waited for, and its end.

Pure: incidents in, incidents and notices out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..domain import Incident, Notice, NoticeKind, Phase
from .conditions import STATUS_KINDS, Standing, conditions
from .settings import Notify

CLEAR_SECONDS = 60.0  # over only when it stays over: what flaps is one incident
AT_ONCE = frozenset({NoticeKind.EMERGENCY_STOP, NoticeKind.NEEDS_PERSON})  # a person ended those, and means it
LASTING = frozenset(
    {
        NoticeKind.NEEDS_PERSON,
        NoticeKind.EMERGENCY_STOP,
        NoticeKind.PLUGIN_DEAD,
        NoticeKind.PLUGIN_STALE,
        NoticeKind.ENGINE_TROUBLE,
    }
)
HOUR_SECONDS = 3600.0


@dataclass(slots=True)
class Followed:
    """What changed: incidents to keep, causes to forget, notices to tell."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def told(self, incident: Incident, notice: Notice) -> None:
        self.incidents[incident.cause] = incident
        self.notices.append(notice)


def follow(
    open_incidents: Mapping[str, Incident], events: Iterable[Notice], standing: Standing, settings: Notify
) -> Followed:
    """Return what is new against `open_incidents`. What just happens is told again only after `repeat_hours`."""
    followed = Followed()
    repeat = settings.repeat_hours * HOUR_SECONDS
    for event in events:
        known = followed.incidents.get(event.cause) or open_incidents.get(event.cause)
        if known is None or event.at - known.told_at >= repeat:
            followed.told(Incident(event, event.at), event)
    present = {notice.cause: notice for notice in conditions(standing)}
    for cause, notice in present.items():
        _lasts(followed, open_incidents.get(cause), notice, standing.now, settings)
    for cause, incident in open_incidents.items():
        if cause not in present and cause not in followed.incidents:
            _is_over(followed, incident, standing, repeat)
    return followed


def _lasts(followed: Followed, known: Incident | None, notice: Notice, now: float, settings: Notify) -> None:
    if known is None:
        followed.told(Incident(notice, now), notice)
        return
    if _is_due_again(known, now, settings):
        followed.told(replace(known, told_at=now, absent_since=None), replace(known.began, phase=Phase.GOES_ON, at=now))
    elif known.absent_since is not None:
        followed.incidents[known.cause] = replace(known, absent_since=None)


def _is_due_again(known: Incident, now: float, settings: Notify) -> bool:
    if known.began.kind is not NoticeKind.NEEDS_PERSON or settings.remind_hours == 0:
        return False
    return now - known.told_at >= settings.remind_hours * HOUR_SECONDS


def _is_over(followed: Followed, incident: Incident, standing: Standing, repeat: float) -> None:
    kind, now = incident.began.kind, standing.now
    if kind not in LASTING:
        if now - incident.told_at >= repeat:
            followed.ended.append(incident.cause)
    elif kind in STATUS_KINDS.values() and incident.began.plugin_id not in standing.plugin_ids:
        followed.ended.append(incident.cause)  # forgotten by a person: nothing recovered
    elif incident.absent_since is None and kind not in AT_ONCE:
        followed.incidents[incident.cause] = replace(incident, absent_since=now)
    elif kind in AT_ONCE or now - (incident.absent_since or now) >= CLEAR_SECONDS:
        followed.ended.append(incident.cause)
        followed.notices.append(replace(incident.began, phase=Phase.OVER, at=now))
