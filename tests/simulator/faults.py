"""Which faults a run meets, drawn from its seed."""

import random
from dataclasses import dataclass

import sqlalchemy.exc


class Crash(BaseException):
    """The process dies here: it unwinds through everything that catches ordinary errors."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Probabilities per occasion. Most runs meet a few kinds of fault, some none, some all."""

    crash: float
    pause: float
    store_error: float
    effect_lost: float
    effect_late: float
    effect_twice: float
    error_after_effect: float
    death: float
    foreign: float
    clock_jump: float
    stop: float
    rollback_asked: float
    unreadable: float


MOST = Mix(0.06, 0.10, 0.03, 0.15, 0.30, 0.10, 0.20, 0.010, 0.012, 0.010, 0.006, 0.04, 0.02)


def mix_of(chance: random.Random) -> Mix:
    """Draw which kinds of fault this run meets, and how many of each."""
    strength = chance.choice((0.0, 0.3, 1.0, 1.0, 2.0))
    kinds = Mix.__dataclass_fields__
    return Mix(**{kind: getattr(MOST, kind) * strength * chance.choice((0, 1, 1)) for kind in kinds})


def locked() -> sqlalchemy.exc.OperationalError:
    """Return what the store raises when its file is busy for too long."""
    return sqlalchemy.exc.OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))
