"""Keeping the open suggestions in line with what the planners propose now, without making people dizzy.

A proposal that differs from the open suggestion only in its figures refreshes it now and then; one that asks
for another value must ask for it several turns in a row before the suggestion changes under a reader's eyes. What somebody
snoozed is shown again when its time is over, or when it was that much worse several turns in a row.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..contracts import StateStore
from ..domain import Conflict, Message, Proposal, Suggestion, SuggestionState, worse_than_seen

REFRESH_SECONDS = 30.0
REVISE_TURNS = 6
WAITING = (SuggestionState.OPEN, SuggestionState.SNOOZED)
WITHDRAW_SECONDS = 60.0
ENGINE = "engine"


@dataclass(slots=True)
class Offers:
    """The open suggestions of this runner: when each was last proposed, and what is asked for instead."""

    state: StateStore
    lifetime_seconds: float
    proposed_at: dict[str, float] = field(default_factory=dict)
    wavering: dict[str, int] = field(default_factory=dict)
    worsening: dict[str, int] = field(default_factory=dict)

    def reconcile(self, proposals: Iterable[Proposal], judged: Iterable[str], now: float) -> Sequence[Suggestion]:
        """Offer the proposals; withdraw what nobody proposes any more. Returns the open suggestions.

        `judged` are the plugins of which there was fresh data this turn: only their silence counts.
        """
        waiting = {s.proposal.fingerprint: s for state in WAITING for s in self.state.suggestions(state=state)}
        for proposal in proposals:
            self.proposed_at[proposal.fingerprint] = now
            present = waiting.get(proposal.fingerprint)
            woken = self._woken_by(present, proposal, now)
            if woken is not None or self._due(present, proposal, now):
                self.state.offer(proposal, now, now + self.lifetime_seconds)
            if woken is not None and present is not None:
                with contextlib.suppress(Conflict):  # somebody dismissed it this very moment
                    self.state.wake(present.id, ENGINE, now, woken)
        self._withdraw(waiting.values(), frozenset(judged), now)
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

    def _woken_by(self, present: Suggestion | None, proposal: Proposal, now: float) -> Message | None:
        """Return why a snoozed suggestion is to be shown again, None while it is not."""
        if present is None or present.snooze is None:
            return None
        if present.snooze.over(now):
            return Message("woken_time", {})
        worse = worse_than_seen(present.snooze, proposal)
        turns = 0 if worse is None else self.worsening.get(proposal.fingerprint, 0) + 1
        self.worsening[proposal.fingerprint] = turns
        return worse if turns >= REVISE_TURNS else None

    def _withdraw(self, suggestions: Iterable[Suggestion], judged: frozenset[str], now: float) -> None:
        for suggestion in suggestions:
            fingerprint = suggestion.proposal.fingerprint
            if suggestion.snooze is not None and not suggestion.snooze.over(now):
                continue  # what comes back meanwhile, as bad as it was, is not to be shown
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
