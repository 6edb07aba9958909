"""The emergency stop: operators set it, only an administrator in person arms the engine again."""

import logging
from collections.abc import Callable
from typing import Annotated

import msgspec

from ...knowledge.emergency_stop import LONGEST_REASON, EmergencyStop, Stop, StopFailed
from ..freshness import require_fresh
from ..moment import iso
from ..problem import Problem
from ..route import Answer, Call, Role, Route, Strict

log = logging.getLogger(__name__)


class StopBody(Strict, frozen=True, kw_only=True):
    """`reason` is shown to everybody and kept on the audit."""

    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] = ""


class ArmBody(Strict, frozen=True, kw_only=True):
    """`password` of the one who is logged in: needed where the login is older than five minutes."""

    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] | None = None


class EmergencyStopView(msgspec.Struct, frozen=True, kw_only=True):
    """`stopped`: nothing new is done; what goes back goes on. The rest is null where the flag file holds no words."""

    stopped: bool
    at: str | None
    actor: str | None
    reason: str | None


def read_emergency_stop(call: Call) -> Answer:
    return Answer(_view(_flag(call).read()))


def set_emergency_stop(call: Call, body: StopBody) -> Answer:
    """Stop: the flag first, the audit after it, and only if the database is there."""
    try:
        stop = _flag(call).set(call.actor, body.reason, call.now)
    except StopFailed as error:
        raise Problem(500, "emergency_stop_failed", str(error)) from error
    _audit(lambda: call.system.state.record_emergency_stop("set", call.actor, body.reason, call.now))
    return Answer(_view(stop))


def arm_engine(call: Call, body: ArmBody) -> Answer:
    """Take the stop away. Raises Problem 403 for a token, for a server without login, and for a login that is not fresh."""
    if not call.person:
        raise Problem(403, "person_needed", "only an administrator who logged in may arm the engine again, no token")
    require_fresh(call, body.password)
    flag = _flag(call)
    stop = flag.read()
    if stop is not None:  # on the audit first: nobody arms unseen
        call.system.state.record_emergency_stop("armed", call.actor, stop.reason, call.now)
        try:
            flag.arm()
        except StopFailed as error:
            raise Problem(500, "emergency_stop_failed", str(error)) from error
    return Answer(_view(flag.read()))


def _flag(call: Call) -> EmergencyStop:
    return EmergencyStop.of(call.system.config.state_dir)


def _view(stop: Stop | None) -> EmergencyStopView:
    if stop is None:
        return EmergencyStopView(stopped=False, at=None, actor=None, reason=None)
    return EmergencyStopView(
        stopped=True, at=iso(stop.at) if stop.at else None, actor=stop.actor or None, reason=stop.reason or None
    )


def _audit(record: Callable[[], None]) -> None:
    try:
        record()
    except Exception:
        log.exception("the emergency stop is set, but could not be put on the audit")


ROUTES = (
    Route("GET", "/emergency-stop", Role.VIEWER, read_emergency_stop, "Read the emergency stop", EmergencyStopView),
    Route(
        "POST", "/emergency-stop", Role.OPERATOR, set_emergency_stop, "Stop everything new", EmergencyStopView,
        body=StopBody,
    ),
    Route(
        "DELETE", "/emergency-stop", Role.ADMIN, arm_engine, "Arm the engine again, in person", EmergencyStopView,
        body=ArmBody,
    ),
)  # fmt: skip
