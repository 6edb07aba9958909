"""What a scenario is: a folder with `scenario.toml` and the applications it names.

Unknown keys are errors that name the known ones: a scenario with a typing mistake must not measure something else.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec


class Load(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Poisson arrivals whose rate follows a shape; `requests_per_second` is what the shape modulates.

    `constant`; `steps`: [second, factor] from there on; `diurnal`: 1 + amplitude·sin(2π t / period); `bursts`:
    between factor 1 and `burst_factor`, staying in each for exponential times. `target` is the path; `{io}` and `{cpu}`
    in it are replaced by the seconds drawn for the request, `{key}` by one of `keys` numbers (Zipf's law with that
    exponent), so that every policy is asked for the very same work. A client waits `patience_seconds`, then tries again
    up to `retries` times.
    """

    requests_per_second: float
    shape: str = "constant"
    target: str = "/"
    steps: tuple[tuple[float, float], ...] = ()
    amplitude_ratio: float = 0.5
    period_seconds: float = 240.0
    burst_factor: float = 3.0
    burst_seconds: float = 10.0
    calm_seconds: float = 40.0
    io_seconds: float = 0.0
    cpu_seconds: float = 0.0
    distribution: str = "exponential"
    scv: float = 4.0
    retries: int = 0
    patience_seconds: float = 30.0
    keys: int = 1000
    key_exponent: float = 0.9


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One gunicorn: `app` in the scenario's folder, `policy` as its owner would write it, its `load`.

    `cpu_cores` is a quota (cgroup), None for none. `options` are more arguments of gunicorn. With the `server` "celery" it is a
    Celery worker on a Redis of its own: each arrival is a task, and what counts is how long it waits before it begins. With
    `redis_bytes` a gunicorn has a Redis of that size as its cache (allkeys-lru), told to it as CACHE_URL: the engine knows it as
    NAME-cache, and what it does there counts here. With the `server` "unit" the gunicorn is a unit of a systemd of its own, whose
    CPUQuota is `cpu_cores`: the engine knows the unit as NAME.service, and what it does there counts here as well.
    """

    name: str
    load: Load
    app: str = "app:app"
    server: Literal["gunicorn", "celery", "unit"] = "gunicorn"
    workers: int = 2
    threads: int = 1
    options: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    policy: dict[str, float | int | str | bool] = {}
    cpu_cores: float | None = None
    redis_bytes: int = 0


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is right for one service.

    `suggestions`: types of which one has to come, and be executed where the fault is `fixable`; none: silence is right.
    `also`: types that may come as well (once a cache helps, fewer workers are enough).
    `reasons`: where it is not fixable, codes of which one has to be given as the reason. `goal`: what is restored:
    `slo` (p95 and errors within the policy), `saving` (fewer workers, SLO kept), `memory` (growth ended) or `errors`.
    `most_workers` is how far the exhaustive search goes, each count for `search_seconds`; 0: the number of workers is
    not what this is about. `harm`: an improvement that hurts here, so that keeping one is a fault.
    """

    fixable: bool = False
    suggestions: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    goal: str = "slo"
    most_workers: int = 0
    search_seconds: float = 90.0
    harm: bool = False


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`fault_at_seconds`: when the fault begins, told to the applications as FAULT_AT (Unix time).

    `alone`: its services want the cores for themselves; no other scenario runs beside it.
    """

    title: str
    services: tuple[Service, ...]
    expected: dict[str, Expected]
    seconds: float = 420.0
    fault_at_seconds: float = 0.0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """A scenario and where it lies."""

    path: Path
    scenario: Scenario
    name: str = field(default="")


def read(path: Path) -> Folder:
    """Read the scenario of a folder.

    Raises ValueError with the file and what would have been right.
    """
    file = path / "scenario.toml"
    try:
        document: dict[str, Any] = tomllib.loads(file.read_text())
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}; a scenario is a folder with scenario.toml and app.py") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: not TOML: {error}") from error
    try:
        scenario = msgspec.convert(document, Scenario)
    except msgspec.ValidationError as error:
        raise ValueError(f"{file}: {error}; {_known(str(error))}") from error
    names = [service.name for service in scenario.services]
    strangers = set(scenario.expected) ^ set(names)
    if strangers or len(set(names)) != len(names) or not names:
        raise ValueError(
            f"{file}: every service has one name and one [expected.NAME]; services are {names}, "
            f"expected are {sorted(scenario.expected)}"
        )
    return Folder(path.resolve(), scenario, path.resolve().name)


def _known(complaint: str) -> str:
    """Return which keys there are, where the complaint was."""
    levels = ((".load", Load), (".services", Service), (".expected", Expected), ("", Scenario))
    struct = next(struct for place, struct in levels if place in complaint)
    return f"keys there are {', '.join(struct.__struct_fields__)}"
