"""The past of this host, opened for a replay: to be read only, beside an engine that may be running."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import cast

from ...config import Config
from ...contracts import SampleStore
from ...domain import Execution, NotFound, Plugin, Policies, group_target
from ...execute.ledger import Ledger
from ...execute.policy_layers import Clash, Overrides, merge_policies
from ...hindsight.record import Record
from ...knowledge.recordings import RecordedPast, open_recorded_past
from ...knowledge.samples import SamplePast, open_sample_past
from ...knowledge.state.looking import look_at_state
from ...knowledge.state.store import SqlStateStore
from ...models.ledger_entry import LedgerEntry
from ..moment import iso

PAGE = 200
BACK_SECONDS = 2 * 86_400.0  # rails count what happened within a day: executions from that long before the replay


@dataclass(frozen=True, slots=True)
class Past:
    """Readers of everything a replay looks at."""

    config: Config
    state: SqlStateStore
    samples: SamplePast
    requests: RecordedPast

    @property
    def plugins(self) -> Mapping[str, Plugin]:
        return {plugin.plugin_id: plugin for plugin, _, _ in self.state.plugins()}

    def policies(self, overrides: Overrides) -> Policies:
        """Return the policies in force, with `overrides` laid over them. Raises ConfigError."""
        members = self.config.members(self.state.groups(), self.plugins.values())
        layers = (self.config.policy_overrides, self.state.policies(), overrides)
        return merge_policies(*layers, members=members, clash=Clash.LOWERED)

    @property
    def targets(self) -> AbstractSet[str]:
        """Return whose policy can be named: the default's, those of the plugins ever seen, and of the groups."""
        groups = (*self.config.groups, *self.state.groups())
        return {"", *self.plugins, *(group_target(group.name) for group in groups)}

    def begin_of(self, since: float, until: float) -> float:
        """Return from when on there is something to replay. Raises NotFound where there is nothing in [since, until]."""
        extent = self.samples.extent()
        if extent is None:
            raise NotFound(
                f"{self.config.state_dir / 'samples.db'} holds no samples yet; let the engine run for a while"
            )
        begin, end = extent
        if begin > until or end < since:
            raise NotFound(
                f"there are no samples between {iso(since)} and {iso(until)}; there are some from {iso(begin)} to {iso(end)}"
            )
        return max(begin, since)

    def record(self, since: float) -> Record:
        """Return what was really executed, and which settings were seen to change, from some time before `since` on."""
        executions = list(self._executions(since - BACK_SECONDS))[::-1]
        steps = {e.id: [(state, at) for state, at, _, _ in self.state.steps(e.id)] for e in executions}
        changes = self.state.setting_changes(since - BACK_SECONDS)
        return Record(executions, steps, changes, self.state.standing_feedback())

    def entries(self) -> Sequence[LedgerEntry]:
        """Return the ledger of predictions, by which proposals were calibrated."""
        return Ledger(self.state, cast("SampleStore", self.samples)).entries()  # it asks for ranges only

    def _executions(self, begin: float) -> Iterator[Execution]:
        after = None
        while True:
            page = self.state.executions(limit=PAGE, after=after)
            yield from (e for e in page if e.created_at >= begin)
            if len(page) < PAGE or page[-1].created_at < begin:
                return
            after = page[-1].id


@contextlib.contextmanager
def open_past(config: Config) -> Iterator[Past]:
    """Open the stores of a configuration for reading, and close them. Raises NotFound, ConfigError, Unavailable."""
    with contextlib.ExitStack() as held:
        state = look_at_state(config.engine.state_url or config.state_dir / "state.db")
        held.callback(state.close)
        samples = open_sample_past(config.state_dir / "samples.db", config.engine.interval_seconds)
        held.callback(samples.close)
        requests = open_recorded_past(config.state_dir / "requests.db")
        held.callback(requests.close)
        yield Past(config, state, samples, requests)
