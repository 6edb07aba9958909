"""One series looked at closely, by a process of its own."""

import subprocess
import sys
import time
from importlib.util import find_spec

import numpy as np
import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin

from plugin_optimizer.domain import Metric, Sample
from plugin_optimizer.web.drill import child

METRIC = Metric.THROUGHPUT_PER_SECOND
HOUR = 3600.0
WITH_LIBRARIES = pytest.mark.skipif(
    find_spec("stumpy") is None, reason="the extra `analysis` is not installed: make setup"
)
WITHOUT = (
    "import sys, runpy; sys.modules['ruptures'] = None; "
    "runpy.run_module('plugin_optimizer.web.drill', run_name='__main__')"
)


def fill(system: SmallSystem, now: float) -> None:
    """A day by the minute: 50 a second, 80 for the last three hours."""
    add_plugin(system)
    rng = np.random.default_rng(1)
    at = now - 60.0 * np.arange(1440, 0, -1)
    load = np.where(at > now - 3 * HOUR, 80.0, 50.0) + rng.normal(0, 1, 1440)
    system.samples.write([Sample("orders", METRIC, float(t), float(v)) for t, v in zip(at, load, strict=True)])


@WITH_LIBRARIES
def test_a_step_is_found_with_its_onset_and_its_size(system: SmallSystem, viewer: Api) -> None:
    """Two stretches of one level; the shape that is sought holds the step in its middle."""
    now = time.time()
    fill(system, now)
    found = viewer.get(f"/plugins/orders/drill?metric={METRIC}").json
    before, after = found["segments"]
    assert before["change"] is None
    assert after["change"] == pytest.approx(30, abs=1)
    onset = np.datetime64(after["since"][:19]).astype("datetime64[s]").astype(float)
    assert abs(onset - (now - 3 * HOUR)) <= 2 * found["step_seconds"]
    assert found["shape"] is not None
    assert found["alike"] == []


def test_what_cannot_be_asked_is_said(system: SmallSystem, viewer: Api) -> None:
    """A shape of too few rows, a middle outside, an unknown plugin or metric."""
    fill(system, time.time())
    path = f"/plugins/orders/drill?metric={METRIC}"
    assert "shape_seconds" in viewer.get(f"{path}&from={time.time() - 30 * 86_400}&shape_seconds=60").json["detail"]
    assert viewer.get(f"{path}&at={time.time()}").json["code"] == "invalid_time"
    assert viewer.get(f"/plugins/nobody/drill?metric={METRIC}").status_code == 404
    assert viewer.get("/plugins/orders/drill?metric=beans").status_code == 400


def test_without_the_libraries_it_says_what_to_install(
    system: SmallSystem, viewer: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked of an interpreter from which one of them is hidden."""
    fill(system, time.time())
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-c", WITHOUT))
    refused = viewer.get(f"/plugins/orders/drill?metric={METRIC}&shape_seconds=5400")
    assert (refused.status_code, refused.json["code"]) == (501, "not_installed")
    assert "plugin-optimizer[analysis]" in refused.json["detail"]
    assert refused.json["install"] == "pip install 'plugin-optimizer[analysis]'"


def test_no_turn_imports_the_heavy_libraries() -> None:
    """The engine, all detectors and planners, and the whole web layer: neither they nor what they import."""
    code = (
        "import sys, plugin_optimizer.bootstrap, plugin_optimizer.catalog, plugin_optimizer.web.routes;"
        "print([m for m in ('ruptures', 'stumpy', 'numba', 'scipy') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
