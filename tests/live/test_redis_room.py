"""A Redis that is too small, from the first look to what its next start runs with."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin_optimizer.bootstrap import build
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import FINAL, ExecutionState, Outcome, SuggestionState, SuggestionType
from tests.cache_load import CacheLoad
from tests.redis_service import MEBIBYTE, start_redis

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
POLICY = {"settle_seconds": 10.0, "verify_seconds": 200.0, "cooldown_seconds": 5.0}


def until(promise: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not promise():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.2)


def test_too_little_room_is_computed_given_proven_and_given_again_after_a_restart(tmp_path: Path) -> None:
    """2 MB for 5,000 keys: a size with its predicted hit ratio; judged when it has filled; lost at a restart, set again."""
    with start_redis(tmp_path, "--maxmemory", "2mb", "--maxmemory-policy", "allkeys-lru") as service:
        document = {
            "engine": {
                "interval_seconds": 1.0,
                "state_dir": str(tmp_path / "state"),
                "home": str(tmp_path / "home"),
                "discover": False,
            },
            "statsd": {"enabled": False},
            "policy": POLICY,
            "plugins": {"sessions": {"touchpoint": "redis", "url": service.url}},
        }
        system = build(parse_config(document))
        try:
            with CacheLoad(service, 5_000, 400.0):
                system.runner.start()
                found = lambda: system.state.suggestions(plugin_id="sessions", state=SuggestionState.OPEN)  # noqa: E731
                until(found, 200.0, "a suggestion")
                suggestion = found()[0]
                proposal = suggestion.proposal
                assert proposal.type is SuggestionType.ADJUST_CACHE
                assert proposal.change is not None
                assert proposal.prediction is not None
                after = int(proposal.change.after)
                assert 2 * MEBIBYTE < after <= 9 * MEBIBYTE
                execution, _ = system.state.approve(suggestion.id, suggestion.revision, "admin", None, time.time())
                ended = lambda: system.state.execution(execution.id)  # noqa: E731
                until(lambda: ended().state in FINAL, 500.0, "the verdict")
                assert ended().state is ExecutionState.SUCCEEDED, (ended().reason, ended().verdict)
                verdict = ended().verdict
                assert verdict is not None
                assert verdict.outcome is Outcome.BETTER
                assert not ended().persisted
                assert int(service.client.config_get("maxmemory")["maxmemory"]) == after
                service.restart()
                given = lambda: int(service.client.config_get("maxmemory")["maxmemory"])  # noqa: E731
                assert given() == 2 * MEBIBYTE
                until(lambda: given() == after, 120.0, "the kept room after a restart")
        finally:
            system.close()
