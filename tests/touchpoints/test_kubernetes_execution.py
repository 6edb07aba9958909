"""An execution on a workload: judged when the new replicas serve, taken back when they never do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import (
    FINAL,
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Message,
    Metric,
    Outcome,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
    Pool,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
    Unobservable,
    Verdict,
    Window,
)
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.touchpoints.kubernetes import KubernetesTouchpoint
from tests.kubernetes_api.objects import workload
from tests.kubernetes_api.server import EVERYTHING, ApiServer, running_api_server

pytestmark = pytest.mark.live
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)


@dataclass
class PleasedJudge:
    """Finds every change better, and remembers how many replicas there were when it was asked."""

    cluster: ApiServer
    ready: list[int] = field(default_factory=list)

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        self.ready.append(self.cluster.cluster.get("deployments", "shop")["status"]["readyReplicas"])
        return Verdict(Outcome.BETTER, change_goal.metric, 0.5, 0.4, 0.6, 2.0, 1.0, 8, 500, "told")


@dataclass
class Stage:
    """A store, a workload, an executor, and a clock that we turn."""

    api: ApiServer
    state: SqlStateStore
    plugin: Plugin
    touchpoint: KubernetesTouchpoint
    judge: PleasedJudge
    now: float = 1_000.0
    serving_at: float = np.inf  # of our clock: when new replicas become ready that were pending

    def sight(self, execution: Execution, now: float) -> Sight:
        up = {Metric.UP: np.ones((1, 36), dtype=np.float32), Metric.REQUESTS: np.full((1, 36), 50, dtype=np.float32)}
        seen = Observation(Window(("shop",), now - 5.0 * np.arange(36)[::-1], 5.0, up))
        try:
            self.touchpoint.pool(self.plugin)
        except Unobservable:
            return Sight(seen, seen, seen, None, readable=False)
        return Sight(seen, seen, seen, None)

    def run(self, after: int) -> Execution:
        """Approve so many replicas, and tick until it has ended."""
        message = Message("increase_workers", {"from_workers": 2, "to_workers": after})
        change = Change("shop", "workers", 2, after, GOAL)
        proposal = Proposal("shop", SuggestionType.INCREASE_WORKERS, message, change, None, Risk.LOW, 0.9)
        suggestion = self.state.offer(proposal, self.now, self.now + 3_600.0)
        execution = self.state.approve(suggestion.id, None, "admin", None, self.now)[0]
        policies = Policies(Policy(settle_seconds=10.0, verify_seconds=30.0))
        executor = Executor(
            self.state, {"kubernetes": self.touchpoint}, self.judge, lambda: policies, self.sight, lambda: False
        )
        for _ in range(2_000):
            if self.now >= self.serving_at:
                self.api.cluster.serve()
            executor.tick(self.now)
            self.now += 0.25
            if (present := self.state.execution(execution.id)).state in FINAL:
                return present
        raise AssertionError(f"it stayed {present.state}: {present.reason}")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with running_api_server(tmp_path) as api:
        api.rights["operator"] = EVERYTHING
        api.cluster.add("deployments", workload())
        plugin = Plugin("shop", "kubernetes", {"name": "shop", "kubeconfig": str(api.kubeconfig("operator"))})
        state = open_state(tmp_path / "state.db")
        state.save_plugin(plugin, PluginStatus.ACTIVE, 0.0)
        yield Stage(api, state, plugin, KubernetesTouchpoint((plugin,)), PleasedJudge(api))
        state.close()


def test_more_replicas_are_judged_when_all_of_them_serve(stage: Stage) -> None:
    """They are pending longer than a change has to settle: nobody is asked before, and what helped is kept as what lasts."""
    stage.api.cluster.never_ready = True
    stage.serving_at = stage.now + 25.0
    done = stage.run(5)
    assert (done.state, done.persisted) == (ExecutionState.SUCCEEDED, True)
    assert set(stage.judge.ready) == {5}
    assert stage.api.cluster.get("deployments", "shop")["spec"]["replicas"] == 5
    assert len(stage.api.patches()) == 1


def test_replicas_that_never_serve_are_taken_back(stage: Stage) -> None:
    """They stay pending: there is no verdict, and the deadline undoes what nobody could judge."""
    stage.api.cluster.never_ready = True
    done = stage.run(5)
    assert done.state is ExecutionState.ROLLED_BACK
    assert done.reason is not None
    assert done.reason.code == "deadman"
    assert stage.judge.ready == []
    assert stage.api.cluster.get("deployments", "shop")["spec"]["replicas"] == 2
