"""The suggestions of a replay and their life: opened, refreshed, closed, executed in thought, judged in thought."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..domain import Execution, Message, Mode, Policies, Proposal, Silence, Suggestion, SuggestionState
from .made import Made

LIFETIME_SECONDS = 86_400.0  # of a suggestion that nobody refreshes, as in the engine
WITHDRAW_SECONDS = 60.0  # of silence, from which on it is gone, as in the engine


@dataclass(slots=True)
class Told:
    """One suggestion of the replay. `latest` is what it said last; `first` what it said at first."""

    id: str
    first: Proposal
    latest: Proposal
    mode: Mode
    opened_at: float
    last_at: float
    by_minutes: bool
    refreshed: int = 0
    closed_at: float | None = None
    held: Counter[str] = field(default_factory=Counter)
    held_last: Message | None = None
    made: list[Made] = field(default_factory=list)
    acted: Proposal | None = None  # what it said when it would have been executed first

    def act(self, execution: Execution) -> None:
        """Let it be executed in thought."""
        self.acted = self.acted or self.latest
        self.made.append(Made(execution))

    @property
    def suggestion(self) -> Suggestion:
        expires_at = self.last_at + LIFETIME_SECONDS
        return Suggestion(self.id, 1, self.latest, SuggestionState.OPEN, self.opened_at, self.last_at, expires_at)


@dataclass(slots=True)
class Book:
    """Everything told so far. The same fingerprint is the same suggestion while it stays open: refreshed, not new."""

    policies: Policies
    every_seconds: float
    told: list[Told] = field(default_factory=list)
    open: dict[str, Told] = field(default_factory=dict)

    def note(self, proposals: Iterable[Proposal], judged: frozenset[str], now: float, by_minutes: bool) -> None:
        """Take what is proposed at a look. `judged` are the plugins with fresh data: only their silence counts."""
        for proposal in proposals:
            self._take(proposal, now, by_minutes)
        silence = max(WITHDRAW_SECONDS, 1.5 * self.every_seconds)
        for told in list(self.open.values()):
            quiet = now - told.last_at
            if quiet >= LIFETIME_SECONDS or (quiet >= silence and told.latest.plugin_id in judged):
                self._close(told, now)

    def offered(self) -> list[Told]:
        """Return the open suggestions that could be executed: not those whose change already stands in thought."""
        return [told for told in self.open.values() if told.latest.change and not any(m.stands for m in told.made)]

    def hold(self, silences: Iterable[Silence], offered: Sequence[Told]) -> None:
        """Note why automatic mode kept from what it was offered."""
        for silence in silences:
            for told in offered:
                if told.latest.plugin_id == silence.plugin_id:
                    told.held[silence.reason.code] += 1
                    told.held_last = silence.reason

    def standing(self) -> list[Made]:
        """Return the changes that stand in thought."""
        return [made for told in self.told for made in told.made if made.stands]

    def _take(self, proposal: Proposal, now: float, by_minutes: bool) -> None:
        known = self.open.get(proposal.fingerprint)
        if known is not None and _continues(known.latest, proposal):
            known.latest, known.last_at = proposal, now
            known.refreshed += 1
            return
        for other in list(self.open.values()):
            if known is other or _contradicts(other.latest, proposal):
                self._close(other, now)
        mode = self.policies.of(proposal.plugin_id).mode
        told = Told(f"r{len(self.told) + 1}", proposal, proposal, mode, now, now, by_minutes)
        self.told.append(told)
        self.open[proposal.fingerprint] = told

    def _close(self, told: Told, now: float) -> None:
        told.closed_at = now
        self.open.pop(told.latest.fingerprint, None)


def _continues(present: Proposal, proposal: Proposal) -> bool:
    """Tell whether it is still the same suggestion: one whose knob has moved since is another one."""
    old, new = present.change, proposal.change
    return old is None or new is None or old.before == new.before


def _contradicts(present: Proposal, proposal: Proposal) -> bool:
    old, new = present.change, proposal.change
    same_knob = old is not None and new is not None and (old.plugin_id, old.knob) == (new.plugin_id, new.knob)
    return same_knob and present.fingerprint != proposal.fingerprint
