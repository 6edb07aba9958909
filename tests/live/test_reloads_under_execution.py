"""A real gunicorn that is reloaded again and again while the engine changes how many workers it has."""

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from execute.test_executor import Stage, ToldJudge, sight
from gunicorn_service import HELLO_APP, GunicornService, start_gunicorn

from plugin_optimizer.domain import FINAL, Execution, ExecutionState, Plugin, PluginStatus, Policies, Policy
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint

pytestmark = [pytest.mark.live, pytest.mark.timeout(400), pytest.mark.xdist_group("reloads")]

State = ExecutionState
BEFORE, AFTER, RELOADS = 2, 4, 20
RELOADING_SECONDS, ENDING_SECONDS = (
    15.0,
    240.0,
)  # a step lost in a reload is missed after 18 s, and three of them end it
POLICY = Policy(settle_seconds=5.0, verify_seconds=60.0, cooldown_seconds=0.0)
WHO_COUNTS = """
import json
workers = 2
def nworkers_changed(server, new_value, old_value):
    if old_value is not None:
        with open({wanted!r}, "a") as file:
            file.write(json.dumps([old_value, new_value]) + "\\n")
"""


@dataclass
class Shop:
    """A gunicorn that writes down how many workers it wants, and an executor that we tick."""

    service: GunicornService
    state: SqlStateStore
    executor: Executor
    plugin: Plugin
    wanted_path: Path
    reloads: int = 0

    def approve(self) -> Execution:
        stage = Stage(self.state, None, None, now=time.time())  # type: ignore[arg-type]
        return stage.approve(BEFORE, AFTER)

    def tick(self, execution: Execution) -> Execution:
        self.executor.tick(time.time(), time.monotonic())
        return self.state.execution(execution.id)

    def reload(self, execution: Execution) -> Execution:
        """Let the next generation of workers come; look at every moment of that, and return with the end of the last one."""
        old = set(self.service.worker_pids())
        self.service.signal(signal.SIGHUP)
        self.reloads += 1
        deadline = time.monotonic() + 60.0
        while old & (present := set(self.service.worker_pids())) or len(present) < BEFORE:
            assert time.monotonic() < deadline, f"{old} are still among {present}"
            execution = self.tick(execution)
        return execution

    def wanted(self) -> list[tuple[int, int]]:
        """Return every change of the number of workers that gunicorn wanted."""
        if not self.wanted_path.exists():
            return []
        return [tuple(json.loads(line)) for line in self.wanted_path.read_text().splitlines()]


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[list[Shop]]:
    made: list[Shop] = []
    yield made
    for shop in made:
        shop.state.close()
        shop.service.stop()


def opened(directory: Path, name: str, extra: tuple[str, ...]) -> Shop:
    directory.mkdir()
    wanted = directory / "wanted"
    config = WHO_COUNTS.format(wanted=str(wanted))
    service = start_gunicorn(directory, HELLO_APP, workers=BEFORE, config=config, name=name, extra=extra)
    home, bind = directory / "home", f"127.0.0.1:{service.port}"
    address = next(p.address for p in GunicornTouchpoint(home).discover() if p.address["bind"] == bind)
    touchpoint = GunicornTouchpoint(home)  # knows it as "orders" only
    plugin = Plugin("orders", "gunicorn", address)
    state = open_state(directory / "state.db")
    state.save_plugin(plugin, PluginStatus.ACTIVE, time.time())
    policies = Policies(POLICY)
    executor = Executor(state, {"gunicorn": touchpoint}, ToldJudge(), lambda: policies, sight, lambda: False)
    return Shop(service, state, executor, plugin, wanted)


def disturbed(shop: Shop) -> Execution:
    """Reload while it is on its way, looking at the worst moments; leave it alone then, and return how it ended.

    Not while the last step is ordered: 4 that ran and were taken away by a reload are rightly told as lost.
    """
    present = shop.approve()
    deadline = time.monotonic() + RELOADING_SECONDS
    while shop.reloads < RELOADS and time.monotonic() < deadline and present.state not in FINAL:
        wanted = len(shop.wanted())
        present = shop.tick(present)
        if present.state is not State.UNKNOWN and (present.step is None or present.step.seen != BEFORE):
            continue
        if shop.reloads % 2:  # every other time the step has come, and is lost again
            until = time.monotonic() + 1.0
            while len(shop.wanted()) == wanted and time.monotonic() < until:
                time.sleep(0.02)
        present = shop.reload(present)
    deadline = time.monotonic() + ENDING_SECONDS
    while present.state not in FINAL and time.monotonic() < deadline:
        present = shop.tick(present)
        time.sleep(0.25)
    return present


@pytest.mark.parametrize("extra", [(), ("--no-control-socket",)], ids=["control socket", "signals"])
def test_reloads_on_the_way_are_nobodys_value_and_no_step_too_many(
    tmp_path: Path, shops: list[Shop], extra: tuple[str, ...]
) -> None:
    """From 2 to 4 through up to 20 reloads, each of which takes it back to 2: nobody else is blamed, and it ends at 4.

    On a busy machine workers come and go so slowly that two generations look like our own steps. What is kept then is
    found to be lost before the verdict, and the change is begun anew.
    """
    name = f"reloaded-{'signals' if extra else 'socket'}"
    for attempt in range(3):
        shop = opened(tmp_path / str(attempt), name, extra)
        shops.append(shop)
        done = disturbed(shop)
        steps = shop.state.steps(done.id)
        said = [reason for _, _, _, reason in steps if reason is not None]
        codes = [reason.code for reason in said]
        print(f"{shop.reloads} reloads, ended {done.state}, {said}, wanted {shop.wanted()}")  # noqa: T201
        assert not {"foreign", "needs_operator", "gone"} & {state for state, _, _, _ in steps}
        assert "foreign_value" not in codes
        assert all(new <= AFTER for _, new in shop.wanted())
        assert shop.reloads > 0
        if done.state is State.SUCCEEDED:
            assert len(shop.service.worker_pids()) == AFTER
            return
        assert done.state is State.ROLLED_BACK
        assert "value_lost" in codes
        shop.service.stop()
    pytest.fail("it never came to 4")
