"""The promises of docs/SAFETY.md, on a slice of the seeds that `make test-reliability` runs thousands of."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from plugin_optimizer.execute import apply, crashpoints, lasting
from plugin_optimizer.execute.orders import Fence, Order
from plugin_optimizer.execute.patience import Patience

from .run import run
from .tally import APPROVAL_POINTS, replay_command, tally

ROOT = Path(__file__).parents[2]
SLICE = range(60)
LATER = range(1_000, 1_060)


def test_a_slice_of_the_seeds_breaks_no_promise_and_passes_every_crash_point() -> None:
    """Nothing twice, nothing lost, announced first, undone exactly, stopped, bounded, hands off, audited."""
    summed = tally(SLICE)
    assert not summed.broken, "\n".join(f"{replay_command(seed)}: {what}" for seed, what in summed.broken.items())
    assert summed.missing_points() == []


def test_every_crash_point_has_its_row_in_the_safety_page() -> None:
    """What restart does is written down for each of them, and for none that there is not."""
    page = (ROOT / "docs" / "SAFETY.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (C\d\d[A-Z]?) \|", page, re.MULTILINE)) == {*APPROVAL_POINTS, *crashpoints.POINTS}


def test_a_crash_point_costs_nothing_unless_somebody_asked() -> None:
    """In production no hook is set, and none is left behind by a run."""
    run(3)
    assert crashpoints.hook is None
    crashpoints.reached("C08")


def test_the_same_seed_leaves_the_same_trace_in_another_process() -> None:
    """Also where Python hashes differently: a failure can be seen again anywhere."""
    traces = {_replayed(seed=8, hash_seed=hash_seed) for hash_seed in ("0", "1", "random")}
    assert len(traces) == 1


def _replayed(seed: int, hash_seed: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "tests.simulator", "--seed", str(seed)],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-2_000:] + result.stderr
    return result.stdout.splitlines()[-1]


@contextmanager
def _kept_unseen() -> Iterator[None]:
    """Take away both looks at what runs: the executor's, and the one beside the effect."""

    def unseen(*given: Any, back: bool) -> Order:
        return Order(*given[:4], back=back)

    with (
        mock.patch.object(apply, "standing", lambda *given: given[-1]),
        mock.patch.object(lasting, "Order", unseen),
    ):
        yield


SABOTAGES: dict[str, AbstractContextManager[object]] = {
    "any value counts as ours": mock.patch.object(apply, "_expected", return_value=True),
    "waits are cut short by the clock": mock.patch.object(Patience, "time_of", lambda _, e: e.updated_at + 3_600.0),
    "no fence is compared at the effect": mock.patch.object(Fence, "__le__", return_value=False),
    "no late order is kept out": mock.patch.object(lasting, "bar", return_value=False),
    "what was judged is kept unseen": _kept_unseen(),
}


@pytest.mark.parametrize("what", SABOTAGES)
def test_an_engine_without_one_of_its_guards_is_caught(what: str) -> None:
    """The simulator is no good if it cannot fail."""
    with SABOTAGES[what]:
        assert any(run(seed).violations for seed in LATER)
