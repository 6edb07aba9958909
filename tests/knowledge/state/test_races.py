"""However many ask at once, on one store or on several over one database: each thing happens once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import pytest

from plugin_optimizer.domain import Conflict, Stale, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.lives import TO_APPLYING, S, claimed, queued, walk
from tests.knowledge.proposals import HOUR, NOW, proposal

THREADS = 8
Result = TypeVar("Result")


@pytest.fixture
def stores(state: SqlStateStore, state_url: str) -> Iterator[list[SqlStateStore]]:
    """Return two stores over one database, as two processes would have."""
    second = open_state(state_url)
    yield [state, second]
    second.close()


def at_once(
    stores: list[SqlStateStore], call: Callable[[SqlStateStore, int], Result], threads: int = THREADS
) -> list[Result | Conflict]:
    """Run `call(store, i)` in threads that start together, spread over the stores; conflicts are returned."""
    barrier = threading.Barrier(threads)

    def run(i: int) -> Result | Conflict:
        barrier.wait(60)
        try:
            return call(stores[i % len(stores)], i)
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_a_race_of_approvals_makes_one_execution(stores: list[SqlStateStore]) -> None:
    """With the same key and with different ones: everybody gets the same execution, one of them made it."""
    for attempt in range(5):
        opened = stores[0].offer(proposal(f"p{attempt}"), NOW, NOW + HOUR)
        answers = at_once(stores, lambda s, i: s.approve(opened.id, 1, "ann", f"k{attempt}-{i // 2}", NOW))  # noqa: B023
        pairs = [a for a in answers if not isinstance(a, Conflict)]
        assert len(pairs) == THREADS
        assert len({execution.id for execution, _ in pairs}) == 1
        assert sum(created for _, created in pairs) == 1


@pytest.mark.parametrize("same_key", [True, False])
def test_twenty_clicks_on_four_instances_make_one_execution(
    state: SqlStateStore, state_url: str, *, same_key: bool
) -> None:
    """The same person again and again with one key, or everybody with a key of their own: one answer for all."""
    others = [open_state(state_url) for _ in range(3)]
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    answers = at_once(
        [state, *others], lambda s, i: s.approve(opened.id, 1, "ann", "k" if same_key else f"k{i}", NOW), threads=20
    )
    for other in others:
        other.close()
    made = [a for a in answers if not isinstance(a, Conflict)]
    assert len(made) == 20
    assert len({execution.id for execution, _ in made}) == 1
    assert sum(created for _, created in made) == 1
    assert len(state.executions()) == 1


def test_a_race_for_one_plugin_lets_one_through(stores: list[SqlStateStore]) -> None:
    """Eight suggestions of one plugin approved at once: one execution, seven times `in_flight`."""
    opened = [stores[0].offer(proposal(knob=f"knob{i}"), NOW, NOW + HOUR) for i in range(THREADS)]
    answers = at_once(stores, lambda s, i: s.approve(opened[i].id, None, "ann", None, NOW))
    conflicts = [a.code for a in answers if isinstance(a, Conflict)]
    assert conflicts == ["in_flight"] * (THREADS - 1)
    assert len(stores[1].executions(open_only=True)) == 1


def test_a_race_of_claims_has_one_winner(stores: list[SqlStateStore]) -> None:
    """The fence grows by one, seven are told that they are stale."""
    execution = queued(stores[0])
    answers = at_once(stores, lambda s, i: s.claim(execution.id, f"engine{i}", NOW, NOW + HOUR))
    assert [type(a) for a in answers].count(Stale) == THREADS - 1
    assert stores[1].execution(execution.id).fence == execution.fence + 1


def test_a_race_of_advances_has_one_winner(stores: list[SqlStateStore]) -> None:
    """Judge, dead-man and a person at once: one decides, and the record shows one way only."""
    execution = walk(stores[0], claimed(stores[0]), *TO_APPLYING, S.APPLIED, S.SETTLING, S.VERIFYING)

    def decide(store: SqlStateStore, i: int) -> object:
        if i % 3 == 0:
            return store.ask_rollback(execution.id, "ann", NOW)
        state = S.SUCCEEDED if i % 3 == 1 else S.RB_INTENT
        return store.advance(replace(execution, state=state), S.VERIFYING, "engine", NOW)

    at_once(stores, decide)
    names = [step[0] for step in stores[0].steps(execution.id)]
    assert names[:7] == ["queued", "claimed", "intent", "applying", "applied", "settling", "verifying"]
    assert names[7:] in (["succeeded"], ["rb_intent"], ["succeeded", "rb_intent"])


def test_a_race_of_offers_opens_one(stores: list[SqlStateStore]) -> None:
    """One living suggestion per fingerprint; of opposite directions one stays open."""
    at_once(stores, lambda s, i: s.offer(proposal(before=4, after=5 + i), NOW, NOW + HOUR))
    assert len(stores[0].suggestions()) == 1
    at_once(stores, lambda s, i: s.offer(proposal(knob="threads", before=4, after=3 + 2 * (i % 2)), NOW, NOW + HOUR))
    threads = [s for s in stores[0].suggestions(state=SuggestionState.OPEN) if s.proposal.change.knob == "threads"]  # type: ignore[union-attr]
    assert len(threads) == 1


def test_no_patch_is_lost(stores: list[SqlStateStore]) -> None:
    """Eight people change eight fields of one policy at once, many times over: all of it is there."""

    def patch(store: SqlStateStore, i: int) -> None:
        for round_number in range(10):
            store.patch_policy("orders", {f"field{i}": round_number}, f"person{i}", NOW)

    assert at_once(stores, patch) == [None] * THREADS
    assert stores[0].policies()["orders"] == {f"field{i}": 9 for i in range(THREADS)}


def test_every_write_counts_once(stores: list[SqlStateStore]) -> None:
    """Version and audit grow by exactly the number of writes, and readers meanwhile see whole moments."""
    before = (stores[0].version(), stores[0].verify_audit())
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not stop.is_set():
            seen.append(stores[1].verify_audit())

    def write(store: SqlStateStore, i: int) -> None:
        for n in range(10):
            store.save_policy(f"p{i}", {"n": n}, "ann", NOW)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        at_once(stores, write)
    finally:
        stop.set()
        reader.join()
    assert stores[1].version() == before[0] + 10 * THREADS
    assert stores[1].verify_audit() == before[1] + 10 * THREADS
    assert seen == sorted(seen)
