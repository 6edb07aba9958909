"""A Python process with a probe, served by what no other touchpoint knows, keeps the promises of all touchpoints."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Metric, Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.python_process import PythonProcessTouchpoint
from tests.gunicorn_service import wait_for

pytestmark = pytest.mark.live
JOB = """
import time
from plugin_optimizer.probe import instrument, tunable
size = tunable("batch_size", 10, minimum=1, maximum=100, plugin="importer")
instrument(lambda environ, start_response: [], plugin="importer")
print("ready", flush=True)
until = time.monotonic() + 300
while time.monotonic() < until:
    began = time.thread_time()
    while time.thread_time() - began < 0.005:
        pass
    time.sleep(0.02)
"""
IMPORTER = Plugin("importer", "python")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    source = str(Path(__file__).parents[2] / "src")
    environment = {**os.environ, "PYTHONPATH": source, "PLUGIN_OPTIMIZER_HOME": str(tmp_path / "home")}
    with subprocess.Popen([sys.executable, "-c", JOB], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        touchpoint = PythonProcessTouchpoint(tmp_path / "home")
        wait_for(lambda: touchpoint.discover() == [IMPORTER])
        yield tmp_path / "home"
        process.kill()


class TestPythonProcess(TouchpointContract):
    """A setting declared in a process that serves nobody."""

    @pytest.fixture
    def subject(self, home: Path) -> TouchpointSubject:
        touchpoint = PythonProcessTouchpoint(home)
        return TouchpointSubject(touchpoint, IMPORTER, "batch_size", 40, Plugin("nobody", "python"))


def test_cpu_and_memory_are_those_of_the_process(home: Path) -> None:
    """What the kernel counted between two looks, per second; rates from the second look on."""
    touchpoint = PythonProcessTouchpoint(home)
    first = {sample.metric: sample.value for sample in touchpoint.sense(IMPORTER, 1.0)}
    assert Metric.CPU_CORES not in first
    assert 5e6 < first[Metric.MEMORY_BYTES] < 2e8
    time.sleep(2.0)
    second = {sample.metric: sample.value for sample in touchpoint.sense(IMPORTER, 3.0)}
    assert 0.02 < second[Metric.CPU_CORES] < 0.5
    assert second[Metric.RESTARTS] == 0.0
