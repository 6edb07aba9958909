"""What keeps the state promises: suggestions, executions, settings, policies, people and the audit, in one database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain import (
    Cycle,
    Execution,
    ExecutionState,
    Message,
    Plugin,
    PluginStatus,
    Proposal,
    SettingChange,
    Suggestion,
    SuggestionState,
    SuggestionType,
    Value,
)
from .audit import AuditEntry, AuditStanding
from .looking_back import LookingBack
from .outbox import Outbox
from .people import OpenSession, Session, User
from .policies import PolicyStore

MOST_OPEN_EXECUTIONS = 100_000  # one at most for each plugin; whoever moves them on must see them all


@dataclass(frozen=True, slots=True)
class Desired:
    """A value that was proven and is to be kept: re-applied when the managed thing comes back without it."""

    plugin_id: str
    knob: str
    value: Value
    execution_id: str
    at: float
    incarnation: str = ""  # the life of the managed thing in which it last ran


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which executions are asked for; None asks for all. `since` ≤ when it was ordered < `until`, in Unix seconds."""

    plugin_id: str | None = None
    suggestion_type: SuggestionType | None = None
    states: frozenset[ExecutionState] | None = None
    approved_by: str | None = None
    since: float | None = None
    until: float | None = None


class StateStore(PolicyStore, Outbox, LookingBack, Protocol):
    """Keeps everything that must never be lost. Every write is one durable transaction with its audit row.

    Thread-safe. Times are arguments: the store knows no clock. Missing rows raise NotFound.
    """

    # Plugins
    def save_plugin(self, plugin: Plugin, status: PluginStatus, at: float) -> None: ...
    def plugins(self) -> Sequence[tuple[Plugin, PluginStatus, float]]:
        """Return every plugin ever seen, its status, and since when it has it."""
        ...

    def forget_plugin(self, plugin_id: str, actor: str, at: float) -> None: ...

    # Suggestions
    def offer(self, proposal: Proposal, at: float, expires_at: float) -> Suggestion:
        """Refresh the open suggestion with this fingerprint or open a new one.

        Frozen while it is claimed; refreshed, but not opened, while it is snoozed; nothing is opened while it is dismissed
        or quarantined (the present row is returned unchanged). An open suggestion of the same plugin and knob with another direction, or of the
        same fingerprint with another change, is superseded or revised: revision + 1.
        """
        ...

    def withdraw(self, suggestion_id: str, state: SuggestionState, reason: Message, at: float) -> None:
        """Move an open or snoozed suggestion to superseded or expired; does nothing if it is neither."""
        ...

    def dismiss(self, suggestion_id: str, reason: str, actor: str, at: float) -> Suggestion: ...
    def undo_dismiss(self, suggestion_id: str, actor: str, at: float) -> Suggestion: ...
    def snooze(
        self, suggestion_id: str, until: float, worse_by: float, reason: str, actor: str, at: float
    ) -> Suggestion:
        """Let an open suggestion wait until then, or until it is worse by the share `worse_by`. Raises Conflict elsewhere."""
        ...

    def wake(self, suggestion_id: str, actor: str, at: float, why: Message | None = None) -> Suggestion:
        """Open a snoozed suggestion again; superseded or expired where an open rival or its time says so."""
        ...

    def suggestion(self, suggestion_id: str) -> Suggestion: ...
    def suggestions(
        self,
        plugin_id: str | None = None,
        state: SuggestionState | None = None,
        executed: bool | None = None,
        limit: int = 500,
        after: str | None = None,
    ) -> Sequence[Suggestion]:
        """Return newest first. `after` is the id of the last one of the previous page."""
        ...

    def count_open_suggestions(self) -> Mapping[str, int]:
        """Return how many open suggestions each plugin has; who has none is left out."""
        ...

    def approve(
        self,
        suggestion_id: str,
        revision: int | None,
        actor: str,
        key: str | None,
        at: float,
    ) -> tuple[Execution, bool]:
        """Claim an open suggestion and queue its execution, in one transaction.

        Returns the execution and whether this call made it: the same idempotency `key`, or a suggestion that is
        already claimed or executed, returns the first execution and False. Raises Conflict (dismissed, expired,
        superseded, advice without a change, another execution of this plugin in flight), Stale (`revision`).
        """
        ...

    # Executions
    def execution(self, execution_id: str) -> Execution: ...
    def executions(
        self,
        plugin_id: str | None = None,
        open_only: bool = False,
        limit: int = 500,
        after: str | None = None,
    ) -> Sequence[Execution]:
        """Return newest first."""
        ...

    def history(self, asked: HistoryFilter, limit: int = 500, after: str | None = None) -> Sequence[Execution]:
        """Return the executions that fit, newest first."""
        ...

    def count_history(self, asked: HistoryFilter) -> int: ...
    def proposals(self, suggestion_ids: Collection[str]) -> Mapping[str, Proposal]:
        """Return what each suggestion proposed; those that are forgotten are left out."""
        ...

    def advance(self, execution: Execution, previous: ExecutionState, actor: str, at: float) -> Execution:
        """Write `execution` (its new state and fields) if the stored row is in `previous` with the same fence.

        Raises Conflict if the transition is not in TRANSITIONS, Stale if the row moved on or its fence is higher.
        The suggestion follows: executed at a final state.
        """
        ...

    def claim(self, execution_id: str, actor: str, at: float, deadman_at: float) -> Execution:
        """QUEUED → CLAIMED with fence + 1. Raises Stale if somebody else did."""
        ...

    def ask_rollback(self, execution_id: str, actor: str, at: float) -> Execution:
        """Move it to RB_INTENT (or CANCELLED while queued) for a person. Raises Conflict where neither fits."""
        ...

    def close_execution(
        self, execution_id: str, actor: str, note: str, value: Value | None, key: str | None, at: float
    ) -> tuple[Execution, bool]:
        """Put on record, and on the audit, that a person has looked at what needs an operator and leaves it as it is.

        `value` is what stood there then. Returns the execution and whether this call closed it: asked again, the first
        answer stands. Raises Conflict in any other state (`not_closable`), or where `key` came with another request.
        """
        ...

    def needing_person(
        self, plugin_id: str | None = None, limit: int = 500, after: str | None = None
    ) -> Sequence[Execution]:
        """Return, newest first, what the engine gave up and nobody closed, nor replaced by a later change."""
        ...

    def count_needing_person(self, plugin_id: str | None = None) -> int: ...

    def steps(self, execution_id: str) -> Sequence[tuple[str, float, str, Message | None]]:
        """Return (state, at, actor, reason) of every change of state, oldest first."""
        ...

    def record_windows(self, execution_id: str, windows: Sequence[Mapping[str, float | None]]) -> None:
        """Replace the windows that the judge has seen so far (for people to watch)."""
        ...

    def windows(self, execution_id: str) -> Sequence[Mapping[str, float | None]]: ...
    def windows_of(self, execution_ids: Collection[str]) -> Mapping[str, Sequence[Mapping[str, float | None]]]:
        """Return the windows of several executions by their id."""
        ...

    # What was kept, what was seen
    def desire(self, desired: Desired) -> None: ...
    def release(self, plugin_id: str, knob: str, reason: Message, at: float) -> None: ...
    def desired(self) -> Sequence[Desired]: ...
    def record_setting_change(self, change: SettingChange) -> None: ...
    def setting_changes(self, since: float) -> Sequence[SettingChange]: ...
    def record_cycle(self, cycle: Cycle) -> None: ...
    def latest_cycle(self) -> Cycle | None: ...
    def audit(
        self,
        limit: int = 500,
        before: int | None = None,
        *,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
    ) -> Sequence[AuditEntry]:
        """Return newest first, numbers below `before`; `action` takes a whole action or its first word."""
        ...

    def audit_standing(self, number: int) -> AuditStanding:
        """Return the head, and what the entry `number` and those behind it say, all of one moment."""
        ...

    def record_audit_accepted(self, trouble: Message, actor: str, reason: str, at: float) -> None:
        """Put on the audit that a person took it as it stands, in spite of what its anchors say."""
        ...

    def record_emergency_stop(self, action: str, actor: str, reason: str, at: float) -> None:
        """Put on the audit that the emergency stop was `set` or `armed` again; the flag itself is a file."""
        ...

    def verify_audit(self) -> int:
        """Return how many entries the chain holds; raise Conflict naming the first that does not fit."""
        ...

    # One runner
    def take_lease(self, holder: str, at: float) -> int:
        """Return a fence higher than any before, for a runner that holds the host's lock."""
        ...

    def lease_holder(self) -> str | None:
        """Return who took the lease last (`host:pid:token`), None before the first."""
        ...

    # People
    def save_user(self, name: str, role: str, password_hash: str, at: float) -> None: ...
    def user(self, name: str) -> tuple[User, str] | None:
        """Return the user with the password hash; None if there is no such user."""
        ...

    def remove_user(self, name: str, actor: str, at: float) -> None: ...
    def users(self) -> Sequence[User]: ...
    # Who is logged in; the store sees the digests of sessions only
    def open_session(self, digest: str, name: str, at: float, expires_at: float) -> None: ...
    def session(self, digest: str, at: float, idle_seconds: float) -> Session | None:
        """Return a session that holds; None if it is unknown, ended, over, or was not used for `idle_seconds`."""
        ...

    def touch_session(self, digest: str, at: float) -> None: ...
    def confirm_session(self, digest: str, name: str, at: float) -> None: ...
    def end_session(self, digest: str, at: float) -> None: ...
    def sessions(self, at: float, idle_seconds: float) -> Sequence[OpenSession]:
        """Return the sessions that hold, the one seen last first."""
        ...

    def end_session_by_id(self, session_id: str, actor: str, at: float) -> None:
        """End a session of a list, whoever's it is. Raises NotFound."""
        ...

    def count_login(self, name: str, address: str, at: float) -> float:
        """Count a login try and return 0, or, where there were too many, the seconds to wait."""
        ...

    def forgive_logins(self, name: str, address: str) -> None: ...
    def save_token(
        self, name: str, role: str, digest: str, expires_at: float | None, at: float, actor: str = "system"
    ) -> None: ...
    def token(self, digest: str, at: float) -> User | None: ...
    def revoke_token(self, name: str, actor: str, at: float) -> None: ...
    def tokens(self) -> Sequence[tuple[str, str, float, float | None]]:
        """Return name, role, created and expiry."""
        ...

    def trim(self, now: float) -> int:
        """Forget history beyond its retention, a bounded batch at a time; return how many rows went."""
        ...

    def version(self) -> int:
        """Return a number that grows with every write: what a dashboard watches."""
        ...

    def close(self) -> None: ...
