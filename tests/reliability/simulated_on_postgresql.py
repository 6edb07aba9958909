"""Simulated runs with the state on a PostgreSQL server: the same promises, and the very same course as in memory."""

import time
from dataclasses import dataclass
from unittest import mock

import psycopg
from sqlalchemy import event

from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.state.server import server_engine
from tests import postgresql
from tests.simulator import world
from tests.simulator.ledger import Ledger
from tests.simulator.run import run
from tests.simulator.store import FaultyDatabase, OnWrite, RememberingStore

from .promise import Measured
from .seed import seed

LIMITS_SECONDS = (180.0, 900.0)
MOST_SEEDS = {False: 8, True: 100}
MOST_SECONDS = {False: 30.0, True: 420.0}
LEAST_SEEDS = 2


class FaultyServer(FaultyDatabase):
    """The simulated faults of a store are those of a file; here they go through as they are, not as the server's."""

    def __init__(self, url: str) -> None:
        engine = server_engine(url)
        event.listen(engine, "connect", _be_patient)
        super().__init__(engine, {"isolation_level": "REPEATABLE READ"})
        self._on_server = False  # after the migration: only whose faults they are is still asked


def _be_patient(connection: psycopg.Connection[object], _record: object) -> None:
    """Lift the limits of time, which are no subject here: on a busy machine they would be faults that the seed did not draw."""
    for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(f"SET {limit} = 0".encode())
    connection.commit()


@dataclass(slots=True)
class Compared:
    """Runs of the same seeds over both databases."""

    runs: int = 0
    effects: int = 0
    broken: int = 0
    differing: int = 0

    def add(self, there: Ledger, here: Ledger) -> None:
        self.runs += 1
        self.effects += there.effects
        self.broken += bool(there.violations)
        self.differing += there.digest() != here.digest()


def measure(deep: bool) -> list[Measured]:
    """Run seeds from `1000000 * (seed - 1)` on, until the time or the number is reached."""
    first, compared = 1_000_000 * (seed() - 1), Compared()
    with postgresql.running() as server:
        end = time.monotonic() + MOST_SECONDS[deep]
        for number in range(first, first + MOST_SEEDS[deep]):
            if compared.runs >= LEAST_SEEDS and time.monotonic() > end:
                break
            compared.add(run_on(server, number), run(number))
    return _rows(compared)


def _rows(compared: Compared) -> list[Measured]:
    what = f"{compared.runs} simulated runs, {compared.effects} effects, on a PostgreSQL server"
    enough = compared.runs >= LEAST_SEEDS and compared.effects > 0
    same = f"{compared.runs - compared.differing} of {compared.runs}"
    return [
        Measured(
            "P4 on a server every promise of the simulator holds", what, f"{compared.broken} broken", "0",
            enough and not compared.broken,
        ),
        Measured(
            "P4 on a server a run takes the very course that it takes in memory", "traces compared", same, "all",
            enough and not compared.differing,
        ),
    ]  # fmt: skip


def run_on(server: postgresql.Server, number: int) -> Ledger:
    """Run one seed over a database of its own."""
    url = server.new_state()
    opened: list[SqlStateStore] = []

    def open_there(on_write: OnWrite) -> SqlStateStore:
        database = FaultyServer(url)
        database.on_write = on_write
        opened.append(RememberingStore(database))
        return opened[-1]

    try:
        with mock.patch.object(world, "open_in_memory", open_there):
            return run(number)
    finally:
        for store in opened:
            store.close()
        server.forget(url)
