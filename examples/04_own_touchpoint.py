"""A touchpoint of your own: the optimizer senses and turns a kind of thing it has never heard of.

Here that is a worker pool which reads its settings from a JSON file, `<folder>/<plugin>.json`:

    {"pool_size": 4}

A touchpoint only reads and turns. Approval, order of steps, crash safety, judgement, undo and audit are written once,
in the product, and hold for yours as well. In the `pyproject.toml` of your package:

    [project.entry-points."plugin_optimizer.touchpoints"]
    json_pool = "your_package.json_pool:JsonPoolTouchpoint"

Its promises are tested by the contract that is shipped, see `TestJsonPool`: `pytest examples/04_own_touchpoint.py`.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from plugin_optimizer.domain import Gone, Knob, Metric, NotFound, Plugin, Pool, Sample, Unobservable, Value
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject

POOL_SIZE = "pool_size"


@dataclass(frozen=True, slots=True)
class JsonPoolTouchpoint:
    """Turns the size of pools that follow a JSON file in `folder`."""

    folder: Path = Path("/var/lib/json-pool")
    kind: str = "json_pool"

    def discover(self) -> Iterator[Plugin]:
        for file in sorted(self.folder.glob("*.json")):
            yield Plugin(file.stem, self.kind, {"file": str(file)})

    def sense(self, plugin: Plugin, now: float) -> Iterator[Sample]:
        """What is not there is down, and nothing else: zeros would look like measurements."""
        yield Sample(plugin.plugin_id, Metric.UP, now, float(_file(plugin).exists()))

    def pool(self, plugin: Plugin) -> Pool | None:
        """None: what more workers would do cannot be computed for this pool."""
        _settings(plugin)
        return None

    def knobs(self, plugin: Plugin) -> Iterator[Knob]:
        yield Knob(POOL_SIZE, int(_settings(plugin)[POOL_SIZE]), minimum=1, maximum=64, persistent=True)

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Write the new size; the file is replaced as a whole, so that the pool never reads half of it."""
        known = {found.name: found for found in self.knobs(plugin)}
        if knob not in known:
            raise NotFound(f"{plugin.plugin_id} has no knob {knob!r}; it has {', '.join(known)}")
        size = known[knob].checked(to)  # raises InvalidValue beyond the bounds
        if size != known[knob].value:
            _replace(_file(plugin), {**_settings(plugin), knob: size})

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """What stands in the file survives a restart of the pool by itself."""
        self.turn(plugin, knob, to)
        return True


def _file(plugin: Plugin) -> Path:
    return Path(plugin.address["file"])


def _settings(plugin: Plugin) -> dict[str, int]:
    try:
        settings: dict[str, int] = json.loads(_file(plugin).read_text())
    except FileNotFoundError as error:
        raise Gone(f"{_file(plugin)} does not exist; is the pool of {plugin.plugin_id} installed?") from error
    except (OSError, ValueError) as error:
        raise Unobservable(f"{_file(plugin)} cannot be read as JSON: {error}") from error
    return settings


def _replace(file: Path, settings: dict[str, Value]) -> None:
    draft = file.with_suffix(".new")
    with draft.open("w") as written:
        json.dump(settings, written)
        written.flush()
        os.fsync(written.fileno())
    draft.replace(file)


class TestJsonPool(TouchpointContract):
    """Everything a touchpoint promises, tested on a pool that is there and one that is not."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> TouchpointSubject:
        (tmp_path / "mailer.json").write_text('{"pool_size": 4, "queue": "mail"}')
        touchpoint = JsonPoolTouchpoint(tmp_path)
        (mailer,) = touchpoint.discover()
        absent = Plugin("printer", touchpoint.kind, {"file": str(tmp_path / "printer.json")})
        return TouchpointSubject(touchpoint, mailer, POOL_SIZE, elsewhere=9, absent=absent)

    def test_other_settings_stay_as_they_are(self, subject: TouchpointSubject) -> None:
        """Only the pool size is ours to write."""
        subject.go(9)
        assert json.loads(Path(subject.plugin.address["file"]).read_text()) == {"pool_size": 9, "queue": "mail"}
