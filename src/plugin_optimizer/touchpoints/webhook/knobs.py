"""A report of an operator's own receiver as knobs, samples and a pool. What contradicts itself is refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from ...domain import InvalidValue, Knob, Metric, Plugin, Pool, Unobservable, Value
from ..names import knob_named
from .documents import KnobReport, Report

OWN = frozenset({Metric.UP, Metric.RESTARTS})  # told by whether it answers, and by its life


@dataclass(frozen=True, slots=True)
class State:
    """One look: knobs as they run, what each would come back with, figures, how it serves, and in which life."""

    life: str
    knobs: tuple[Knob, ...]
    kept: dict[str, Value]
    figures: dict[Metric, float]
    pool: Pool | None

    def knob(self, plugin: Plugin, name: str) -> Knob:
        """Return the knob of that name. Raises NotFound."""
        return knob_named(self.knobs, plugin, name)


def state_of(report: Report, kind: str) -> State:
    """Return what a report says. Raises Unobservable for values out of their own bounds, a name twice, an unknown metric."""
    names = [one.name for one in report.knobs]
    if len(set(names)) != len(names):
        raise Unobservable(f"the report names a knob twice: {', '.join(names)}")
    pool = report.pool
    return State(
        life=report.life,
        knobs=tuple(map(_knob, report.knobs)),
        kept={one.name: _typed(one, one.kept) for one in report.knobs if one.kept is not None},
        figures=dict(_figures(report)),
        pool=None if pool is None else Pool(kind, pool.workers, pool.threads, pool.cores),
    )


def checked(knob: Knob, to: Value) -> Value:
    """Return `to` in the type of this knob. Raises InvalidValue."""
    value = knob.checked(to)
    if isinstance(knob.value, float):
        return float(value)
    if isinstance(knob.value, int) and isinstance(value, float):
        if not value.is_integer():
            raise InvalidValue(f"{knob.name} takes a whole number, not {value:g}")
        return int(value)
    return value


def _figures(report: Report) -> Iterator[tuple[Metric, float]]:
    for name, value in report.metrics.items():
        if name not in set(Metric) - OWN:
            known = ", ".join(sorted(set(Metric) - OWN))
            raise Unobservable(f"the report has a metric {name[:80]!r}; known are {known}")
        if not isfinite(value):
            raise Unobservable(f"the report says that {name} is {value}")
        yield Metric(name), value


def _knob(one: KnobReport) -> Knob:
    _check_bounds(one)
    knob = Knob(
        name=one.name,
        value=_typed(one, one.value),
        minimum=one.minimum,
        maximum=one.maximum,
        choices=one.choices,
        unit=one.unit,
        step=one.step,
        disruption=one.disruption,
        reversibility=one.reversibility,
        persistent=one.kept is not None,
        kind=one.kind,
        needed=one.needed,
        down=one.down,
    )
    try:
        knob.checked(knob.value)
    except InvalidValue as error:
        raise Unobservable(f"the report contradicts itself: {error}") from error
    return knob


def _check_bounds(one: KnobReport) -> None:
    bounds = (one.minimum, one.maximum)
    if one.type == "choice":
        fits = one.choices and bounds == (None, None)
    else:
        fits = not one.choices and None not in bounds and all(isfinite(bound) for bound in bounds if bound is not None)
    if not fits:
        needs = "its choices and no bounds" if one.type == "choice" else "a finite minimum and maximum and no choices"
        raise Unobservable(f"the report names {one.name}, of type {one.type}, which needs {needs}")


def _typed(one: KnobReport, value: Value) -> Value:
    fits = {"integer": isinstance(value, int), "number": isinstance(value, int | float)}
    if not fits.get(one.type, isinstance(value, str)):
        raise Unobservable(f"the report says that {one.name}, of type {one.type}, is {value!r}")
    return float(value) if one.type == "number" else value
