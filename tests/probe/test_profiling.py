"""What a process tells of itself when it is asked where its CPU or its memory goes."""

import json
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pluggy
import pytest
from flask import Blueprint, Flask

from plugin_optimizer.probe import instrument, instrument_hooks, registry
from plugin_optimizer.probe.places import ProcessIdentity, plugin_name
from plugin_optimizer.probe.profile import Kind, ProcessProfile, ProfileRequest, answer_of, ask
from plugin_optimizer.probe.stacks import package_of

HOOK = pluggy.HookimplMarker("shop")
LEAKED: list[bytes] = []


def compute(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        json.dumps({"some": ["figures", 1, 2.5]})


class Portal:
    @HOOK
    def navigation(self) -> None:
        compute(0.02)


def shop(name: str, home: Path) -> Flask:
    return instrument(Flask(name), plugin=name, home=home)


def furnished(name: str, home: Path) -> Flask:
    """Return a shop with three parts, and a plugin of pluggy (in this one only: its function can stand for one plugin)."""
    app = shop(name, home)
    manager = pluggy.PluginManager("shop")
    manager.add_hookspecs(SimpleNamespace(navigation=pluggy.HookspecMarker("shop")(lambda: None)))
    instrument_hooks(manager, host=name, home=home)
    manager.register(Portal(), name="portal")
    pricing, stock, pages = (Blueprint(each, __name__) for each in ("pricing", "stock", "pages"))
    pricing.add_url_rule("/price", view_func=lambda: compute(0.06) or "1")
    stock.add_url_rule("/stock", view_func=lambda: time.sleep(0.06) or "2")
    pages.add_url_rule("/page", view_func=lambda: compute(0.02) or manager.hook.navigation() or "3")
    for each in (pricing, stock, pages):
        app.register_blueprint(each)
    return app


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return plugin_name(request.node.name[-40:])


def question(kind: Kind, seconds: float, pid: int = 0, asked_at: float | None = None) -> ProfileRequest:
    return ProfileRequest(f"{time.monotonic_ns()}", kind, seconds, pid, time.time() if asked_at is None else asked_at)


def answer(home: Path, name: str, request: ProfileRequest) -> ProcessProfile:
    """Give the background thread's turns until the process has answered."""
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline:
        registry.named(name).turn()
        found = answer_of(home, name, ProcessIdentity.own(), request.request)
        if found is not None and found.state != "running":
            return found
        time.sleep(0.05)
    raise TimeoutError(request)


def samplers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "plugin-optimizer-sampler"]


@pytest.fixture
def busy(tmp_path: Path, name: str) -> Iterator[Flask]:
    """Three threads that ask: one part computes three times as much as another, a third one sleeps."""
    app, ended = furnished(name, tmp_path), threading.Event()

    def visit(path: str) -> None:
        while not ended.is_set():
            assert app.test_client().get(path).status_code == 200

    threads = [threading.Thread(target=visit, args=(path,)) for path in ("/price", "/stock", "/page")]
    for thread in threads:
        thread.start()
    yield app
    ended.set()
    for thread in threads:
        thread.join()


@pytest.mark.usefixtures("busy")
def test_cpu_is_told_by_part_package_and_hook_and_sleeping_counts_nothing(tmp_path: Path, name: str) -> None:
    """Shares agree with the CPU that each part's requests took by the clocks of their threads; then the sampler is gone."""
    assert samplers() == []
    request = question("cpu", 4.0)
    ask(tmp_path, name, request)
    before = time.process_time()
    found = answer(tmp_path, name, request)
    used = time.process_time() - before
    assert (found.state, found.reason, samplers()) == ("done", "", [])
    assert found.process_seconds <= used
    parts = {
        part: sum(e.cpu_seconds for e in found.cpu if e.blueprint == part) for part in ("pricing", "stock", "pages")
    }
    assert parts["stock"] < 0.05 * found.process_seconds
    assert sum(parts.values()) > 0.75 * found.process_seconds
    hooks = sum(e.cpu_seconds for e in found.cpu if e.hook == f"{name}.hooks.portal")
    assert hooks == pytest.approx(parts["pages"] / 2, rel=0.3)
    assert parts["pricing"] == pytest.approx(parts["pages"], rel=0.3)  # both threads compute all the time
    assert found.own_seconds < 0.02 * 4.0
    top = found.cpu[0]
    assert (top.package, top.function) == (package_of(__name__), f"{__name__}:compute")


def test_each_part_gets_what_its_requests_took_where_several_end_between_two_looks(tmp_path: Path, name: str) -> None:
    """One thread serves requests of 9 ms and of 3 ms in turn: by looks alone the short ones would be paid for by the long."""
    app, ended, took = shop(name, tmp_path), threading.Event(), {"long": 0.0, "short": 0.0}

    def used(part: str, seconds: float) -> str:
        before = time.thread_time()
        compute(seconds)
        took[part] += time.thread_time() - before
        return "1"

    for part, seconds in (("long", 0.009), ("short", 0.003)):
        made = Blueprint(part, __name__)
        made.add_url_rule(f"/{part}", view_func=lambda part=part, seconds=seconds: used(part, seconds))
        app.register_blueprint(made)

    def visit() -> None:
        while not ended.is_set():
            for part in took:
                app.test_client().get(f"/{part}").close()

    thread = threading.Thread(target=visit)
    request = question("cpu", 4.0)
    ask(tmp_path, name, request)
    registry.named(name).turn()
    thread.start()
    found = answer(tmp_path, name, request)
    ended.set()
    thread.join()
    told = {part: sum(e.cpu_seconds for e in found.cpu if e.blueprint == part) for part in took}
    assert told["long"] / told["short"] == pytest.approx(took["long"] / took["short"], rel=0.2)
    assert sum(told.values()) <= found.process_seconds
    named = sum(e.cpu_seconds for e in found.cpu if e.blueprint == "short" and e.function == f"{__name__}:compute")
    assert named > 0.6 * told["short"]


def test_nothing_is_sampled_that_nobody_asked_for(tmp_path: Path, name: str) -> None:
    """No thread, no file; a question whose time is over, or to another process, begins nothing."""
    shop(name, tmp_path)
    registry.named(name).turn()
    for request in (question("cpu", 5.0, asked_at=time.time() - 6.0), question("memory", 5.0, pid=1)):
        ask(tmp_path, name, request)
        registry.named(name).turn()
        assert answer_of(tmp_path, name, ProcessIdentity.own(), request.request) is None
    assert samplers() == []
    assert not tracemalloc.is_tracing()


def test_a_memory_burst_names_the_line_that_keeps_what_it_allocates(tmp_path: Path, name: str) -> None:
    """With its bytes; afterwards nothing is traced any more."""
    shop(name, tmp_path)
    request = question("memory", 1.0)
    ask(tmp_path, name, request)
    registry.named(name).turn()
    assert tracemalloc.is_tracing()
    LEAKED.extend(bytes(10_000) for _ in range(200))
    found = answer(tmp_path, name, request)
    LEAKED.clear()
    largest = found.memory[0]
    assert largest.place.startswith(f"{__file__}:")
    assert 2_000_000 <= largest.size_bytes <= found.peak_bytes
    assert largest.blocks >= 200
    assert not tracemalloc.is_tracing()


def test_what_somebody_else_traces_is_left_alone(tmp_path: Path, name: str) -> None:
    """The burst is refused with its reason, and the other one's tracing goes on."""
    shop(name, tmp_path)
    tracemalloc.start()
    try:
        request = question("memory", 1.0)
        ask(tmp_path, name, request)
        found = answer(tmp_path, name, request)
        assert (found.state, found.reason) == ("refused", "already_tracing")
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


GREEN = """
import sys, time, types
monkey = types.ModuleType("gevent.monkey")
monkey.is_module_patched = lambda name: name == "threading"
sys.modules["gevent.monkey"] = monkey
from pathlib import Path
from flask import Flask
from plugin_optimizer.probe import instrument, registry
home = Path(sys.argv[1])
app = instrument(Flask("green"), plugin="green", home=home)
deadline = time.monotonic() + 30
while not list(home.glob("plugins/green/processes/*.profile.json")) and time.monotonic() < deadline:
    time.sleep(0.05)
print(next(home.glob("plugins/green/processes/*.profile.json")).read_text())
"""


def test_where_requests_share_threads_cpu_is_refused_with_its_reason(tmp_path: Path) -> None:
    """Under gevent a sampler of threads would see one greenlet and blame it for all: no figure is better than that one."""
    ask(tmp_path, "green", question("cpu", 60.0))
    command = [sys.executable, "-c", GREEN, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=90)
    found = json.loads(said.stdout)
    assert (found["state"], found["reason"], found["cpu"]) == ("refused", "shared_threads", [])


def test_a_standing_sampler_begins_by_one_argument(tmp_path: Path, name: str) -> None:
    """It runs from the first turn on, until it is not wanted any more."""
    app = instrument(Flask(name), plugin=name, home=tmp_path, sampler=True)
    assert registry.named(name).sampler
    app.test_client().get("/")
    registry.named(name).turn()
    assert samplers() != []
    registry.named(name).sampler = False
    registry.named(name).turn()
    assert samplers() == []


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("json.decoder", ""),
        ("flask.app", "flask"),
        ("octoprint.plugins.pluginmanager", "octoprint.plugins.pluginmanager"),
        ("octoprint.plugins", "octoprint"),
        ("octoprint.plugins.logging.handlers", "octoprint.plugins.logging"),
        ("__main__", "__main__"),
        ("", ""),
    ],
)
def test_a_module_belongs_to_its_package_or_to_the_plugin_within_it(module: str, package: str) -> None:
    """The standard library is nobody's: what it computes is its caller's."""
    assert package_of(module) == package
