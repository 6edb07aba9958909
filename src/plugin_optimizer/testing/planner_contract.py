"""What every planner promises. Inherit, name yours, and give it a case in which it proposes something."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..contracts import Planner
from ..domain import Finding, Fleet, Proposal, Silence, Window
from ..models.promised import promised
from .detector_contract import with_future

Case = tuple[Window, Sequence[Finding], Fleet]


class PlannerContract(ABC):
    """Contract tests for pytest: `class TestMine(PlannerContract)` with the two methods below."""

    @abstractmethod
    def planner(self) -> Planner:
        """Return the planner with its default settings."""

    @abstractmethod
    def case(self) -> Case:
        """Return a window, findings and a fleet for which the planner proposes at least one thing."""

    def _thoughts(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> list[Proposal | Silence]:
        return list(self.planner().plan(window, findings, fleet))

    def _proposals(self, case: Case) -> list[Proposal]:
        return [t for t in self._thoughts(*case) if isinstance(t, Proposal)]

    def test_it_proposes_what_it_is_for(self) -> None:
        """The case at hand yields a proposal with evidence and a confidence between 0 and 1."""
        proposals = self._proposals(self.case())
        assert proposals
        for proposal in proposals:
            assert proposal.evidence
            assert 0.0 <= proposal.confidence <= 1.0

    def test_every_plugin_gets_an_answer(self) -> None:
        """One proposal at least, or exactly one reason for the silence."""
        window, findings, fleet = self.case()
        thoughts = self._thoughts(window, findings, fleet)
        for plugin_id in fleet.views:
            own = [t for t in thoughts if t.plugin_id == plugin_id]
            silences = [t for t in own if isinstance(t, Silence)]
            assert len(own) > len(silences) or len(silences) == 1
            assert all(s.planner == self.planner().name and s.reason.code for s in silences)

    def test_a_change_fits_its_knob_and_is_judged(self) -> None:
        """A change starts from the observed value, ends within the bounds elsewhere, and predicts with an interval."""
        _, _, fleet = case = self.case()
        for proposal in self._proposals(case):
            if proposal.change is None:
                continue
            knob = next(k for k in fleet.views[proposal.plugin_id].knobs if k.name == proposal.change.knob)
            assert proposal.change.before == knob.value != proposal.change.after
            assert knob.checked(proposal.change.after) == proposal.change.after
            assert proposal.judged_by is not None
            assert list(promised([proposal])), "what the engine asks of a change"
            predicted = proposal.prediction
            assert predicted is not None
            assert predicted.low <= predicted.expected <= predicted.high
            assert np.isfinite([predicted.before, predicted.low, predicted.high]).all()

    def test_the_same_input_gives_the_same_thoughts(self) -> None:
        """No clock, no chance, no memory of earlier calls."""
        case = self.case()
        assert repr(self._thoughts(*case)) == repr(self._thoughts(*case))

    def test_the_future_does_not_reach_back(self) -> None:
        """Columns later than `now` change nothing, whatever they hold."""
        window, findings, fleet = self.case()
        assert repr(self._thoughts(with_future(window), findings, fleet)) == repr(
            self._thoughts(window, findings, fleet)
        )

    def test_without_findings_nothing_is_proposed(self) -> None:
        """What nobody found is not planned for."""
        window, _, fleet = self.case()
        assert not self._proposals((window, (), fleet))

    def test_nothing_is_proposed_while_a_change_is_under_way_or_settling(self) -> None:
        """An execution in flight silences its plugin; so does the rest after one, for changes."""
        window, findings, fleet = self.case()
        flying = {name: replace(view, in_flight=True) for name, view in fleet.views.items()}
        resting = {name: replace(view, rest_until=fleet.now + 1) for name, view in fleet.views.items()}
        assert not self._proposals((window, findings, replace(fleet, views=flying)))
        rested = self._proposals((window, findings, replace(fleet, views=resting)))
        assert not [proposal for proposal in rested if proposal.change is not None]

    def test_an_empty_fleet_is_no_error(self) -> None:
        """No plugins, no proposals."""
        assert not self._thoughts(Window((), np.empty(0), 5.0, {}), (), Fleet(now=0.0, cores=1))
