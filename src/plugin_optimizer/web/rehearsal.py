"""A dry run: everything a click would be asked, and everything the engine would look at before it turns the knob."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..domain import Change, Knob, Message, Mode, OptimizerError, Pool, Suggestion
from ..execute.preflight import moved
from ..execute.rails import FOR_EVERYBODY
from ..execute.rehearsal import course, fence_trouble
from .executability import circumstances_at, obstacles
from .revision import needs_revision
from .system import SystemLike

OWN_EXECUTIONS = 20
SHOWN_RAILS = frozenset(rail.__name__ for rail in FOR_EVERYBODY)
SHOWN = frozenset({"suggestion", "change", "audit", "stop", "mode", "alone"}) | SHOWN_RAILS


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `name`, and what stands in the way (None: nothing)."""

    name: str
    refusal: Message | None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a real execution would find, and do. `revision`: it has to name the one that was read."""

    checks: tuple[Check, ...]
    course: tuple[Message, ...]
    requires_revision: bool

    @property
    def passes(self) -> bool:
        return all(check.refusal is None for check in self.checks)


def rehearse(system: SystemLike, suggestion: Suggestion, revision: int | None, now: float) -> Rehearsal:
    """Look at everything, as it stands at this very moment, and change nothing."""
    change = suggestion.proposal.change
    knobs, unread = _read(system, change)
    knob = next((k for k in knobs if change is not None and k.name == change.knob), None)
    checks = [*_asked(system, suggestion, knob, now), *_revision(suggestion, revision)]
    if change is None:
        return Rehearsal(tuple(checks), (), requires_revision=False)
    checks += [Check("readable", unread), *_looked_at(system, change, knobs, unread, now)]
    policy = system.policies().of(change.plugin_id)
    done = tuple(course(change, knob, policy, suggestion.proposal.judged_by))
    return Rehearsal(tuple(checks), done, needs_revision(suggestion, knob))


def _read(system: SystemLike, change: Change | None) -> tuple[Sequence[Knob], Message | None]:
    if change is None:
        return (), None
    try:
        return tuple(system.knobs(change.plugin_id)), None
    except (OptimizerError, OSError) as error:
        return (), Message("plugin_unreadable", {"detail": str(error)})


def _asked(system: SystemLike, suggestion: Suggestion, knob: Knob | None, now: float) -> Iterator[Check]:
    """Yield what a click is asked; of the rails those that bind people, and any other that refuses."""

    def pool_of(plugin_id: str) -> Pool | None:
        try:
            return system.pool(plugin_id)
        except (OptimizerError, OSError):
            return None

    circumstances = replace(circumstances_at(system, now), pool_of=pool_of, knobs_of=lambda _: ())
    for name, found in obstacles(suggestion, circumstances, knob):
        refusal = _stops_short(system, suggestion) if name == "mode" and found is None else found
        if name in SHOWN or refusal is not None:
            yield Check(name, refusal)


def _stops_short(system: SystemLike, suggestion: Suggestion) -> Message | None:
    dry = system.policies().of(suggestion.proposal.plugin_id).mode is Mode.DRY_RUN
    return Message("rehearsal_mode", {}) if dry else None


def _revision(suggestion: Suggestion, revision: int | None) -> Iterator[Check]:
    if revision is not None:
        stale = revision != suggestion.revision
        yield Check("revision", Message("rehearsal_revision", {"revision": suggestion.revision}) if stale else None)


def _looked_at(
    system: SystemLike, change: Change, knobs: Sequence[Knob], unread: Message | None, now: float
) -> Iterator[Check]:
    """Yield what the engine looks at after the click, right before the effect."""
    if unread is None:
        yield Check("value", moved(change, knobs))
    if not system.config.agent.separate:  # else the agent keeps the fences, and compares them itself
        known = system.state.executions(change.plugin_id, limit=OWN_EXECUTIONS)
        fence = max([int(now), *(execution.fence for execution in known)]) + 1
        yield Check("fence", fence_trouble(system.config.fences_dir, change.plugin_id, fence))
