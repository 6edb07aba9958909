"""Values only: the thirteen words of this product, and nothing that knows a clock, a file or a socket."""

from .cache_server import CacheServer, HitPoint
from .capability import ANY_METRIC, OF_PROCESSES, OF_REQUESTS, Capability, Turned
from .change import (
    LIFE,
    Change,
    Direction,
    Disruption,
    Goal,
    Knob,
    Purpose,
    Reversibility,
    Value,
    following,
)
from .comparison import Arm, Block, Comparison
from .cycle import Cycle, Fault, Refusal
from .errors import (
    ConfigError,
    Conflict,
    DeliveryRefused,
    Gone,
    InvalidSetting,
    InvalidValue,
    NotFound,
    OptimizerError,
    Refused,
    Stale,
    Unavailable,
    Undelivered,
    UnderWay,
    Unobservable,
)
from .execution import FINAL, TRANSITIONS, Closing, Execution, ExecutionState, Step
from .feedback import Feedback
from .finding import Finding, FindingKind, Severity
from .fleet import CpuQuota, Fleet, MemoryTrend, PluginView, Pool, SettingChange
from .knob_unit import unit_named
from .message import Message, Parameter
from .metric import Metric, Sample
from .notification import (
    Dispatch,
    DispatchState,
    Incident,
    Letter,
    Line,
    Notice,
    NoticeKind,
    NotificationRoute,
    Phase,
    at_least,
    parse_route,
)
from .plugin import Plugin, PluginStatus, inside_id, parse_plugin_id, plugin_id_from
from .plugin_group import PluginGroup, by_precedence, group_named, group_target
from .policy import Mode, Policies, Policy
from .policy_field import MOST_ENTRIES, POLICY_FIELDS, PolicyField, PolicyGroup
from .recorded_incident import RANKS, RecordedIncident
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
from .unusual import Unusual, Unusualness
from .verdict import Outcome, Verdict
from .window import Window
from .worsening import seen_figures, severity_of, worse_than_seen

__all__ = [
    "ANY_METRIC",
    "FINAL",
    "LIFE",
    "MOST_ENTRIES",
    "OF_PROCESSES",
    "OF_REQUESTS",
    "POLICY_FIELDS",
    "RANKS",
    "TRANSITIONS",
    "Arm",
    "Attributes",
    "Block",
    "CacheServer",
    "CacheTrace",
    "Capability",
    "Change",
    "Closing",
    "Comparison",
    "ConfigError",
    "Conflict",
    "CpuQuota",
    "Cycle",
    "DeliveryRefused",
    "Direction",
    "Dispatch",
    "DispatchState",
    "Disruption",
    "ErrorGroup",
    "Execution",
    "ExecutionState",
    "Fault",
    "Feedback",
    "Finding",
    "FindingKind",
    "Fleet",
    "Goal",
    "Gone",
    "HitPoint",
    "Incident",
    "InvalidSetting",
    "InvalidValue",
    "Knob",
    "Letter",
    "Line",
    "MemoryTrend",
    "Message",
    "Metric",
    "Mode",
    "NotFound",
    "Notice",
    "NoticeKind",
    "NotificationRoute",
    "OptimizerError",
    "Outcome",
    "Parameter",
    "Phase",
    "Plugin",
    "PluginGroup",
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
    "RecordedIncident",
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
    "Turned",
    "Unavailable",
    "Undelivered",
    "UnderWay",
    "Unobservable",
    "Unusual",
    "Unusualness",
    "Value",
    "Verdict",
    "Window",
    "at_least",
    "by_precedence",
    "following",
    "group_named",
    "group_target",
    "inside_id",
    "parse_plugin_id",
    "parse_route",
    "plugin_id_from",
    "seen_figures",
    "severity_of",
    "unit_named",
    "worse_than_seen",
]
