"""Values only: the thirteen words of this product, and nothing that knows a clock, a file or a socket."""

from .change import (
    Change,
    Direction,
    Disruption,
    Goal,
    Knob,
    Purpose,
    Reversibility,
    Value,
)
from .comparison import Arm, Block, Comparison
from .cycle import Cycle, Fault, Refusal
from .errors import (
    ConfigError,
    Conflict,
    Gone,
    InvalidSetting,
    InvalidValue,
    NotFound,
    OptimizerError,
    Refused,
    Stale,
    Unavailable,
    Unobservable,
)
from .execution import FINAL, TRANSITIONS, Closing, Execution, ExecutionState, Step
from .finding import Finding, FindingKind, Severity
from .fleet import CpuQuota, Fleet, PluginView, Pool, SettingChange
from .message import Message, Parameter
from .metric import Metric, Sample
from .plugin import Plugin, PluginStatus, parse_plugin_id, plugin_id_from
from .policy import Mode, Policies, Policy
from .policy_field import MOST_CALENDAR_ENTRIES, POLICY_FIELDS, PolicyField, PolicyGroup
from .recording import SeenSettings
from .snooze import SeenFigure, Snooze
from .suggestion import (
    Prediction,
    Proposal,
    Risk,
    Silence,
    Suggestion,
    SuggestionState,
    SuggestionType,
)
from .trace import Attributes, CacheTrace, ErrorGroup, RequestTrace
from .trial import Trial
from .verdict import Outcome, Verdict
from .window import Window
from .worsening import seen_figures, severity_of, worse_than_seen

__all__ = [
    "FINAL",
    "MOST_CALENDAR_ENTRIES",
    "POLICY_FIELDS",
    "TRANSITIONS",
    "Arm",
    "Attributes",
    "Block",
    "CacheTrace",
    "Change",
    "Closing",
    "Comparison",
    "ConfigError",
    "Conflict",
    "CpuQuota",
    "Cycle",
    "Direction",
    "Disruption",
    "ErrorGroup",
    "Execution",
    "ExecutionState",
    "Fault",
    "Finding",
    "FindingKind",
    "Fleet",
    "Goal",
    "Gone",
    "InvalidSetting",
    "InvalidValue",
    "Knob",
    "Message",
    "Metric",
    "Mode",
    "NotFound",
    "OptimizerError",
    "Outcome",
    "Parameter",
    "Plugin",
    "PluginStatus",
    "PluginView",
    "Policies",
    "Policy",
    "PolicyField",
    "PolicyGroup",
    "Pool",
    "Prediction",
    "Proposal",
    "Purpose",
    "Refusal",
    "Refused",
    "RequestTrace",
    "Reversibility",
    "Risk",
    "Sample",
    "SeenFigure",
    "SeenSettings",
    "SettingChange",
    "Severity",
    "Silence",
    "Snooze",
    "Stale",
    "Step",
    "Suggestion",
    "SuggestionState",
    "SuggestionType",
    "Trial",
    "Unavailable",
    "Unobservable",
    "Value",
    "Verdict",
    "Window",
    "parse_plugin_id",
    "plugin_id_from",
    "seen_figures",
    "severity_of",
    "worse_than_seen",
]
