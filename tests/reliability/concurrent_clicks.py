"""P1, P23: many people click at once, at several real servers over one state, and change one policy at once.

Clicks go out together, some without a key, some with a common one, some with a key each; each round is another plugin.
The policy is a counter: each of eight clients adds one to what it has read, and reads again where it was too late; four
each share the store of one of two servers.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy.exc import OperationalError

from plugin_optimizer.domain import Risk, Stale
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.web.instances import Fleet, click_at_once, fleet

from .promise import Measured

LIMITS_SECONDS = (120, 900)
CLICKS, SERVERS = 20, 3
ROUNDS_GATE, ROUNDS_DEEP = 12, 500
PATCHES_GATE, PATCHES_DEEP = 400, 10_000
CLIENTS, STORES = 8, 2


def measure(deep: bool) -> list[Measured]:
    rounds, patches = (ROUNDS_DEEP, PATCHES_DEEP) if deep else (ROUNDS_GATE, PATCHES_GATE)
    with tempfile.TemporaryDirectory() as name, fleet(Path(name), SERVERS) as servers:
        return [_clicks(servers, rounds), _patches(Path(name), patches)]


def _clicks(servers: Fleet, rounds: int) -> Measured:
    wrong: Counter[str] = Counter()
    for number in range(rounds):
        wrong.update(_round(servers, number))
    chain = servers.state.verify_audit()
    figure = f"{wrong.total()} wrong of {rounds} rounds" + (f": {dict(wrong)}" if wrong else "")
    what = f"{CLICKS} clicks at once at {SERVERS} servers, {chain} audit entries fit"
    return Measured("P1 one effect", what, figure, "0", wrong.total() == 0)


def _round(servers: Fleet, number: int) -> list[str]:
    """Click; return what was not as promised."""
    plugin_id = f"plugin-{number}"
    suggestion_id, revision = servers.offer(plugin_id, Risk.HIGH if number % 2 else Risk.LOW)
    requests = [({"revision": revision}, _key(number, click)) for click in range(CLICKS)]
    answers = click_at_once(servers, f"/execute/{suggestion_id}", requests)
    executions = servers.state.executions(plugin_id)
    wrong = []
    if len(executions) != 1:
        wrong.append(f"{len(executions)} executions")
    if {answer.get("execution_id") for _, answer in answers} != {execution.id for execution in executions}:
        wrong.append("another answer")
    if [status for status, _ in answers].count(202) != 1:
        wrong.append("not one beginning")
    return wrong


def _key(number: int, click: int) -> dict[str, str]:
    return ({}, {"Idempotency-Key": f"round-{number}"}, {"Idempotency-Key": f"{number}-{click}"})[click % 3]


def _patches(directory: Path, patches: int) -> Measured:
    each = patches // CLIENTS
    begun = time.monotonic()
    stores = [open_state(directory / "counter.db") for _ in range(STORES)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        refused = sum(pool.map(_adder(stores, each), range(CLIENTS)))
    state = stores[0]
    reached = state.policies()[""]["max_workers"]
    entries = len(state.audit(5_000, action="policy")) if patches <= 5_000 else state.audit_standing(0).number
    for store in stores:
        store.close()
    lost = each * CLIENTS - int(str(reached))
    what = f"{each * CLIENTS} changes of one policy by {CLIENTS} at once, {refused} refused as stale or busy, {entries} audited"
    held = lost == 0 and entries == each * CLIENTS
    return Measured("P23 nothing overwritten", what, f"{lost} lost, {time.monotonic() - begun:.0f} s", "0", held)


def _adder(stores: Sequence[SqlStateStore], each: int) -> Callable[[int], int]:
    def add(client: int) -> int:
        """Add one so many times; return how often that was refused."""
        state, refused, done = stores[client % STORES], 0, 0
        while done < each:
            try:
                _add_one(state, client)
                done += 1
            except (Stale, OperationalError):  # the latter: the other server's four left no gap within five seconds
                refused += 1
        return refused

    return add


def _add_one(state: SqlStateStore, client: int) -> None:
    seen = state.policies().get("", {})
    wanted = int(str(seen.get("max_workers", 0))) + 1
    state.patch_policy("", {"max_workers": wanted}, f"client {client}", time.time(), seen)
