"""What was changed in a plugin, by whom ever, as marks on a time axis."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ..contracts import AuditEntry
from ..domain import Message, Metric, Value, group_target
from ..models.renewals import renewals
from ..wording import policy_field_name, render
from .moment import iso
from .recorded import Recorded
from .route import Call

POLICY_SAVED = "policy.saved"
MOST_POLICY_CHANGES = 100
SAME_EVENT_SECONDS = 30.0  # a deployment restarts every worker: one mark, not two


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is `execution`, `rollback`, `setting`, `restart`, `deployment` or `policy`; `by` who did it, null where unknown.

    `execution_id` and `audit_number` lead to what is on record of it: an execution, or an entry of the audit.
    """

    at: str | None
    kind: str
    text: str
    execution_id: str | None
    by: str | None = None
    audit_number: int | None = None


def marks_between(call: Call, plugin_id: str, begin: float, end: float, points: int) -> Sequence[Mark]:
    """Return the marks of [begin, end] by time; restarts are seen by the bucket, of which there are `points`."""
    deployed = list(_renewals(call, plugin_id, begin, end))
    found = [
        *_executions(call, plugin_id, begin, end),
        *_settings(call, plugin_id, begin, end),
        *_policies(call, plugin_id, begin, end),
        *(_plain(call, at, "deployment", {"workers": workers}) for at, workers in deployed),
        *_restarts(call, plugin_id, (begin, end, points), [at for at, _ in deployed]),
    ]
    return sorted(found, key=lambda mark: mark.at or "")


def _executions(call: Call, plugin_id: str, begin: float, end: float) -> Iterator[Mark]:
    for execution in call.system.state.executions(plugin_id):
        moments = ((execution.applied_at, "execution"), (execution.finished_at, "rollback"))
        for at, kind in moments:
            if at is not None and begin <= at <= end and (kind == "execution" or execution.undoing):
                change = execution.change
                ends = (change.before, change.after) if kind == "execution" else (change.after, change.before)
                who = execution.approved_by if kind == "execution" else None
                yield _turned(call, at, kind, change.knob, ends, execution.id, who)


def _settings(call: Call, plugin_id: str, begin: float, end: float) -> Iterator[Mark]:
    for setting in call.system.state.setting_changes(begin):
        if setting.plugin_id == plugin_id and setting.at <= end and setting.by == "outside":
            yield _turned(call, setting.at, "setting", setting.knob, (setting.before, setting.after), None, None)


def _turned(
    call: Call, at: float, kind: str, knob: str, ends: tuple[Value, Value], execution_id: str | None, who: str | None
) -> Mark:
    sentence = Message(f"mark_{kind}", {"knob": knob, "before": ends[0], "after": ends[1]})
    return Mark(at=iso(at), kind=kind, text=render(sentence, call.lang), execution_id=execution_id, by=who)


def _policies(call: Call, plugin_id: str, begin: float, end: float) -> Iterator[Mark]:
    """Yield changes of the plugin's own policy, its groups' and the default one, naming the fields that became others."""
    groups = call.system.policies().groups.get(plugin_id, ())
    for subject in (plugin_id, *map(group_target, groups), "default"):
        saved = call.system.state.audit(MOST_POLICY_CHANGES, action=POLICY_SAVED, subject=subject)
        for entry, before in zip(saved, [*saved, None][1:], strict=True):
            if begin <= entry.at <= end:
                names = [policy_field_name(name, call.lang) for name in _changed_fields(entry, before)]
                said = Message("mark_policy", {"name": ", ".join(names) or subject})
                yield Mark(
                    at=iso(entry.at),
                    kind="policy",
                    text=render(said, call.lang),
                    execution_id=None,
                    by=entry.actor,
                    audit_number=entry.number,
                )


def _changed_fields(entry: AuditEntry, before: AuditEntry | None) -> Iterable[str]:
    now, then = _overrides(entry), _overrides(before) if before else {}
    return sorted(name for name in {*now, *then} if now.get(name) != then.get(name))


def _overrides(entry: AuditEntry) -> dict[str, object]:
    found = entry.detail.get("overrides")
    return dict(found) if isinstance(found, dict) else {}


def _renewals(call: Call, plugin_id: str, begin: float, end: float) -> Iterator[tuple[float, int]]:
    with Recorded(call.system.config).requests() as past:
        seen = past.settings_between(plugin_id, begin, end)
    for renewal in renewals(seen):
        if begin <= renewal.at <= end:
            yield renewal.at, renewal.workers


def _restarts(call: Call, plugin_id: str, span: tuple[float, float, int], deployed: Sequence[float]) -> Iterator[Mark]:
    found = call.system.samples.range(plugin_id, (Metric.RESTARTS,), *span).get(Metric.RESTARTS, ())
    for at, value in found:
        if value > 0 and all(abs(at - other) > SAME_EVENT_SECONDS for other in deployed):
            yield _plain(call, at, "restart", {})


def _plain(call: Call, at: float, kind: str, params: dict[str, int]) -> Mark:
    return Mark(at=iso(at), kind=kind, text=render(Message(f"mark_{kind}", params), call.lang), execution_id=None)
