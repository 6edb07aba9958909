"""To which channels a notice goes, when, and together with what. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..contracts import Placement
from ..domain import Notice, NoticeKind, Phase, Policies, Severity, at_least, parse_route
from ..models.times_apart import TimesApart
from .settings import Notify, Rules

MINUTE_SECONDS, HOUR_SECONDS, WEEK_SECONDS = 60.0, 3600.0, 7 * 86_400.0
DIGEST, QUIET, MAINTENANCE = "digest", "quiet", "maintenance"
NOT_GATHERED = frozenset({NoticeKind.EMERGENCY_STOP})  # there is one, and it cannot wait
NOT_HELD = frozenset({NoticeKind.NEEDS_PERSON})  # of what happens to a plugin in maintenance: somebody is at work on it


@dataclass(frozen=True, slots=True)
class Routing:
    """Who is told what: the rules of the channels by name, and the policies."""

    channels: Mapping[str, Rules]
    policies: Policies

    def channels_for(self, notice: Notice) -> Iterator[str]:
        """Yield the channels that hear of it. What is of no plugin goes where the default policy says."""
        policy = self.policies.default if notice.plugin_id is None else self.policies.of(notice.plugin_id)
        told: set[str] = set()
        for route in map(parse_route, policy.notify):
            rules = self.channels.get(route.channel)
            if rules is None or route.channel in told or not at_least(notice.severity, route.least):
                continue
            if rules.events and notice.kind not in rules.events:
                continue
            if notice.cause == f"{NoticeKind.ENGINE_TROUBLE}:channel:{route.channel}":
                continue  # what cannot be told there is not told there
            told.add(route.channel)
            yield route.channel


def placements(notices: Iterable[Notice], routing: Routing, settings: Notify, now: float) -> Iterator[Placement]:
    """Yield where each notice goes. What is older than what would be given up is left: nobody wants last week's news."""
    gives_up = settings.give_up_hours * HOUR_SECONDS
    for notice in notices:
        if notice.phase is Phase.HAPPENED and now - notice.at > gives_up:
            continue
        held = held_until(notice, routing.policies, now)
        for channel in routing.channels_for(notice):
            if held is not None:
                gathering, due_at = f"{MAINTENANCE}:{held:.0f}", held
            else:
                gathering, due_at = place(notice, routing.channels[channel], settings.group_seconds, now)
            yield Placement(notice, channel, gathering, due_at, due_at + gives_up)


def held_until(notice: Notice, policies: Policies, now: float) -> float | None:
    """Return when the maintenance of the plugin it is about ends: so long it is held back, and told then. None without one."""
    if notice.plugin_id is None or notice.kind in NOT_HELD:
        return None
    return TimesApart.of(policies.of(notice.plugin_id)).maintenance_until(now)


def place(notice: Notice, rules: Rules, group_seconds: float, now: float) -> tuple[str, float]:
    """Return the gathering key of a notice, and when what is gathered there is due."""
    if not at_least(notice.severity, rules.urgent):
        if any(hours.holds(now) for hours in rules.quiet):
            return QUIET, end_of_quiet(rules, now)
        if rules.digest_minutes:
            period = rules.digest_minutes * MINUTE_SECONDS
            return DIGEST, (now // period + 1) * period
    wait = 0.0 if notice.kind in NOT_GATHERED else group_seconds
    return f"{notice.kind}:{notice.phase}", now + wait


def end_of_quiet(rules: Rules, now: float) -> float:
    """Return the first full minute that is not quiet; a week from now where every one is."""
    at = (now // MINUTE_SECONDS + 1) * MINUTE_SECONDS
    while at < now + WEEK_SECONDS and any(hours.holds(at) for hours in rules.quiet):
        at += MINUTE_SECONDS
    return at


def gravest(severities: Iterable[Severity]) -> Severity:
    """Return the gravest of some; `info` of none."""
    worst = Severity.INFO
    for severity in severities:
        worst = severity if at_least(severity, worst) else worst
    return worst
