"""Which measurements there are: every module beside this one that has `measure`."""

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path

DEFAULT_LIMITS_SECONDS = (300.0, 900.0)
NOT_MEASURING = frozenset({"__main__", "modules", "processes", "promise", "seed", "table"})


@dataclass(frozen=True, slots=True)
class Module:
    """`limits_seconds` are those of the gate and of the deep run."""

    name: str
    limits_seconds: tuple[float, float]
    alone: bool


def found() -> list[Module]:
    """Return the measurements by name, those that may take longest first."""
    names = [entry.name for entry in pkgutil.iter_modules([str(Path(__file__).parent)])]
    modules = [module for name in names if name not in NOT_MEASURING and (module := _read(name)) is not None]
    return sorted(modules, key=lambda module: (-module.limits_seconds[1], module.name))


def _read(name: str) -> Module | None:
    try:
        module = importlib.import_module(f"tests.reliability.{name}")
    except Exception:  # noqa: BLE001 - its own process will fail and say why: one row of the table, not all of them
        return Module(name, DEFAULT_LIMITS_SECONDS, alone=False)
    if not hasattr(module, "measure"):
        return None
    limits = getattr(module, "LIMITS_SECONDS", DEFAULT_LIMITS_SECONDS)
    return Module(name, limits, getattr(module, "ALONE", False))
