"""Whether a policy fits: each field within its bounds, the fields with each other, and entries that can be read."""

from collections.abc import Iterator

from ..domain import (
    MOST_ENTRIES,
    POLICY_FIELDS,
    InvalidSetting,
    InvalidValue,
    Message,
    Parameter,
    Policy,
    parse_route,
)
from ..models.calendar import parse_freeze, parse_holiday, parse_maintenance, parse_window


def misfits(policy: Policy) -> Iterator[InvalidSetting]:
    """Yield what does not fit, field by field, with what would have been right; nothing where all of it does."""
    for name, rule in POLICY_FIELDS.items():
        value = getattr(policy, name)
        if isinstance(value, int | float) and not rule.holds(value):
            yield _outside(name, value)
    yield from _against_each_other(policy)
    yield from _entries(policy)


def _outside(name: str, value: float) -> InvalidSetting:
    rule = POLICY_FIELDS[name]
    params: dict[str, Parameter] = {"given": f"{value:g}", "least": _plain(rule.minimum), "most": _plain(rule.maximum)}
    code = "policy_above" if rule.above else "policy_range"
    expected = f"more than {params['least']} and at most" if rule.above else f"{params['least']} to"
    return InvalidSetting(name, Message(code, params), f"is {value:g}; expected {expected} {params['most']}")


def _against_each_other(policy: Policy) -> Iterator[InvalidSetting]:
    for name in ("min_workers", "shrink_floor"):
        value = getattr(policy, name)
        if value > policy.max_workers:
            params: dict[str, Parameter] = {"given": value, "most": policy.max_workers}
            said = f"is {value}; expected at most max_workers, which is {policy.max_workers}"
            yield InvalidSetting(name, Message("policy_above_max_workers", params), said)


def _entries(policy: Policy) -> Iterator[InvalidSetting]:
    for name, texts, parse, code in (
        ("windows", policy.windows, parse_window, "policy_no_window"),
        ("freezes", policy.freezes, parse_freeze, "policy_no_freeze"),
        ("maintenance", policy.maintenance, parse_maintenance, "policy_no_maintenance"),
        ("holidays", policy.holidays, parse_holiday, "policy_no_holiday"),
        ("notify", policy.notify, parse_route, "policy_no_route"),
    ):
        if len(texts) > MOST_ENTRIES:
            params: dict[str, Parameter] = {"given": len(texts), "most": MOST_ENTRIES}
            said = f"has {len(texts)} entries; expected at most {MOST_ENTRIES}"
            yield InvalidSetting(name, Message("policy_many_entries", params), said)
        for text in texts:
            try:
                parse(text)
            except InvalidValue as error:
                yield InvalidSetting(name, Message(code, {"given": text[:80]}), f"{error}")


def _plain(bound: float | None) -> str:
    """Return a bound as it is typed: 1000000, not 1e+06."""
    return "" if bound is None else f"{bound:.15g}"
