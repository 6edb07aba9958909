"""Keeping the open suggestions in line with what the planners propose now, without making people dizzy.

A proposal that differs from the open suggestion only in its figures refreshes it now and then; one that asks
for another value must ask for it several turns in a row before the suggestion changes under a reader's eyes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..contracts import StateStore
from ..domain import Message, Proposal, Suggestion, SuggestionState

REFRESH_SECONDS = 30.0
REVISE_TURNS = 6
WITHDRAW_SECONDS = 60.0


@dataclass(slots=True)
class Offers:
    """The open suggestions of this runner: when each was last proposed, and what is asked for instead."""

    state: StateStore
    lifetime_seconds: float
    proposed_at: dict[str, float] = field(default_factory=dict)
    wavering: dict[str, int] = field(default_factory=dict)

    def reconcile(self, proposals: Iterable[Proposal], judged: Iterable[str], now: float) -> Sequence[Suggestion]:
        """Offer the proposals; withdraw what nobody proposes any more. Returns the open suggestions.

        `judged` are the plugins of which there was fresh data this turn: only their silence counts.
        """
        open_now = {s.proposal.fingerprint: s for s in self.state.suggestions(state=SuggestionState.OPEN)}
        for proposal in proposals:
            self.proposed_at[proposal.fingerprint] = now
            if self._due(open_now.get(proposal.fingerprint), proposal, now):
                self.state.offer(proposal, now, now + self.lifetime_seconds)
        self._withdraw(open_now.values(), frozenset(judged), now)
        return self.state.suggestions(state=SuggestionState.OPEN)

    def _due(self, present: Suggestion | None, proposal: Proposal, now: float) -> bool:
        key = proposal.fingerprint
        if present is None:
            return True
        if present.proposal.change == proposal.change:
            self.wavering.pop(key, None)
            return now - present.updated_at >= REFRESH_SECONDS
        self.wavering[key] = self.wavering.get(key, 0) + 1
        if self.wavering[key] < REVISE_TURNS and not _out_of_date(present, proposal):
            return False
        self.wavering.pop(key, None)
        return True

    def _withdraw(self, suggestions: Iterable[Suggestion], judged: frozenset[str], now: float) -> None:
        for suggestion in suggestions:
            fingerprint = suggestion.proposal.fingerprint
            if now >= suggestion.expires_at:
                self.state.withdraw(suggestion.id, SuggestionState.EXPIRED, Message("expired", {}), now)
            elif suggestion.proposal.plugin_id in judged:
                last = self.proposed_at.setdefault(fingerprint, now)
                if now - last >= WITHDRAW_SECONDS:
                    self.state.withdraw(suggestion.id, SuggestionState.SUPERSEDED, Message("condition_gone", {}), now)


def _out_of_date(present: Suggestion, proposal: Proposal) -> bool:
    """Tell whether the knob itself moved: then the open suggestion could not be executed anyway."""
    old, new = present.proposal.change, proposal.change
    return old is None or new is None or old.before != new.before
