"""A change that is proposed, or advice where no knob can help."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .change import Change
from .finding import Finding
from .message import Message, Parameter
from .metric import Metric
from .snooze import Snooze


class SuggestionType(StrEnum):
    INCREASE_WORKERS = "increase_workers"
    DECREASE_WORKERS = "decrease_workers"
    ADJUST_CACHE = "adjust_cache"
    UPDATE_CONFIG = "update_config"
    RECYCLE_WORKERS = "recycle_workers"
    INVESTIGATE_ERROR = "investigate_error"
    OPTIMIZE_RESPONSE_TIME = "optimize_response_time"
    CHECK_PLUGIN_STATUS = "check_plugin_status"


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SuggestionState(StrEnum):
    """The life of a suggestion. Only `open` can be approved; `claimed` is frozen while it is executed; `snoozed` waits until it
    is worse, or a time has passed.
    """

    OPEN = "open"
    CLAIMED = "claimed"
    EXECUTED = "executed"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    QUARANTINED = "quarantined"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the change is computed to do: `[low, high]` holds the outcome with probability 0.8.

    `before` is what is observed now, `expected` the predicted value, all in the metric's unit.
    `model` names what computed it.
    """

    metric: Metric
    before: float
    expected: float
    low: float
    high: float
    model: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a planner returns: everything about a suggestion but its life.

    `change` is None for advice. `side_effects` are predictions of what else moves (memory, connections).
    `confidence` lies in 0…1. `details` holds figures for the curious (the curve of what-ifs, shares).
    """

    plugin_id: str
    type: SuggestionType
    title: Message
    change: Change | None
    prediction: Prediction | None
    risk: Risk
    confidence: float
    findings: tuple[Finding, ...] = field(default=())
    evidence: tuple[Message, ...] = field(default=())
    side_effects: tuple[Prediction, ...] = field(default=())
    judged_by: Message | None = None
    details: Mapping[str, "Parameter | list[object] | dict[str, object]"] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Identify 'the same suggestion again': plugin, type, knob and direction (hex, 16 characters)."""
        knob = direction = ""
        if self.change is not None:
            knob, direction = self.change.knob, self.change.direction
        text = "\x1f".join((self.plugin_id, self.type, knob, direction))
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a planner says nothing about a plugin. Every silent plugin says why it is silent."""

    plugin_id: str
    planner: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposal with an identity and a life. `revision` grows whenever its content changes. `snooze` is there while it is
    snoozed.
    """

    id: str
    revision: int
    proposal: Proposal
    state: SuggestionState
    created_at: float
    updated_at: float
    expires_at: float
    execution_id: str | None = None
    dismissed_reason: str | None = None
    snooze: Snooze | None = None
