"""What of a proposal tells how bad it is: compared when somebody waits until it is worse."""

import math
from collections.abc import Iterator

from .change import Direction
from .finding import Severity
from .message import Message
from .snooze import SEVERITIES, SeenFigure, Snooze
from .suggestion import Proposal

PREDICTED = "prediction"  # the figure that the change would move, beside those of the findings


def seen_figures(proposal: Proposal) -> tuple[SeenFigure, ...]:
    """Return the figures that tell how bad it is; those that were not measured are left out."""
    return tuple(figure for figure in _figures(proposal) if math.isfinite(figure.value))


def severity_of(proposal: Proposal) -> Severity | None:
    """Return the highest severity among the findings, None where there is no finding."""
    return max((finding.severity for finding in proposal.findings), key=SEVERITIES.index, default=None)


def worse_than_seen(snooze: Snooze, proposal: Proposal) -> Message | None:
    """Return why what was set aside is to be shown again, None where it has not become that much worse."""
    return snooze.worse(severity_of(proposal), seen_figures(proposal))


def _figures(proposal: Proposal) -> Iterator[SeenFigure]:
    for finding in proposal.findings:
        yield SeenFigure(finding.kind.value, finding.metric, finding.value, not finding.value < finding.limit)
    if proposal.prediction is not None and proposal.change is not None:
        down = proposal.change.goal.direction is Direction.DOWN
        yield SeenFigure(PREDICTED, proposal.prediction.metric, proposal.prediction.before, down)
