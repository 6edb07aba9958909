"""Of each knob: what is suggested for it, and who set it to what it is, and when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..domain import Execution, Knob, SettingChange, Suggestion, SuggestionState, Value
from .route import Call

OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Turned:
    """`by` is a person, the engine's automatic mode, or `outside`; `execution_id` is None for the latter."""

    at: float
    by: str
    execution_id: str | None


@dataclass(frozen=True, slots=True)
class KnobStory:
    """`turned` is None where nobody was seen to set it since it is known."""

    suggested: Value | None
    suggestion_id: str | None
    turned: Turned | None


def knob_stories(call: Call, plugin_id: str, knobs: Iterable[Knob], since: float) -> Mapping[str, KnobStory]:
    """Return the story of each knob, by name. Changes from outside are known from `since` (Unix seconds) on."""
    state = call.system.state
    wanted = {
        s.proposal.change.knob: s for s in state.suggestions(plugin_id, SuggestionState.OPEN) if s.proposal.change
    }
    changes = [c for c in state.setting_changes(since) if c.plugin_id == plugin_id]
    turns = [*_by_executions(state.executions(plugin_id)), *_from_outside(changes)]
    return {knob.name: _story(knob.name, wanted.get(knob.name), turns) for knob in knobs}


def _story(name: str, wanted: Suggestion | None, turns: list[tuple[str, Turned]]) -> KnobStory:
    own = [turned for knob, turned in turns if knob == name]
    change = wanted.proposal.change if wanted else None
    return KnobStory(
        suggested=change.after if change else None,
        suggestion_id=wanted.id if wanted else None,
        turned=max(own, key=lambda turned: turned.at, default=None),
    )


def _by_executions(executions: Iterable[Execution]) -> Iterator[tuple[str, Turned]]:
    for execution in executions:
        undone = execution.undoing and execution.finished_at is not None
        at = execution.finished_at if undone else execution.applied_at
        if at is not None:
            yield execution.change.knob, Turned(at, execution.approved_by, execution.id)


def _from_outside(changes: Iterable[SettingChange]) -> Iterator[tuple[str, Turned]]:
    for change in changes:
        if change.by == OUTSIDE:
            yield change.knob, Turned(change.at, OUTSIDE, None)
