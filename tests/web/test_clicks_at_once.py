"""However many click at once, at however many servers: one execution, and the same one for all."""

from pathlib import Path
from typing import Any

import pytest
from web.instances import click_at_once, fleet

from plugin_optimizer.domain import Risk

CLICKS = 20


@pytest.mark.timeout(300)
def test_twenty_clicks_at_two_servers_are_one_execution(tmp_path: Path) -> None:
    """Without keys, with one key, and with a key each: one is told that it began, all are told the same id."""
    with fleet(tmp_path, 2) as servers:
        for kind in ("none", "same", "own"):
            suggestion_id, revision = servers.offer(kind, Risk.HIGH)
            keys: list[dict[str, str]] = [
                {"none": {}, "same": {"Idempotency-Key": kind}, "own": {"Idempotency-Key": f"k{number}"}}[kind]
                for number in range(CLICKS)
            ]
            answers: list[tuple[int, Any]] = click_at_once(
                servers, f"/execute/{suggestion_id}", [({"revision": revision}, key) for key in keys]
            )
            (execution,) = servers.state.executions(kind)
            assert {answer["execution_id"] for _, answer in answers} == {execution.id}
            assert sorted(status for status, _ in answers) == [200] * (CLICKS - 1) + [202]
            assert [answer["already"] for status, answer in answers if status == 202] == [False]
        assert servers.state.verify_audit() > 0


@pytest.mark.timeout(300)
def test_of_clicks_with_different_revisions_only_the_present_one_counts(tmp_path: Path) -> None:
    """Half of them have seen an older revision: they get 412, or, once it is claimed, the one execution."""
    with fleet(tmp_path, 2) as servers:
        suggestion_id, revision = servers.offer("orders")
        bodies = [({"revision": revision + number % 2}, {}) for number in range(CLICKS)]
        answers = click_at_once(servers, f"/execute/{suggestion_id}", bodies)
        (execution,) = servers.state.executions("orders")
        told = {answer["execution_id"] for status, answer in answers if status in {200, 202}}
        assert told == {execution.id}
        assert {status for status, _ in answers} <= {200, 202, 412}
        assert [status for status, _ in answers].count(202) == 1
