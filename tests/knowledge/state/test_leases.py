"""Of several hosts that share a database one may run the turns."""

from sqlalchemy import update

from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.state.schema import runner_lease


def lapse(state: SqlStateStore) -> None:
    """Let the lease be over, as 15 s of the database's clock would."""
    with state._database.writing() as write:
        write.execute(update(runner_lease).values(expires_at=0.0))


def test_one_holds_it_until_it_is_over(state: SqlStateStore) -> None:
    """Nobody else gets it meanwhile; afterwards somebody else does, and the first one is told at its next renewal."""
    assert state.take_runner_lease("one")
    assert not state.take_runner_lease("two")
    assert state.renew_runner_lease("one")
    lapse(state)
    assert state.take_runner_lease("two")
    assert not state.renew_runner_lease("one")
    assert not state.take_runner_lease("one")


def test_one_that_is_over_and_nobody_took_goes_on(state: SqlStateStore) -> None:
    """A database that was away for a while does not change who runs, if it may still."""
    assert state.take_runner_lease("one")
    lapse(state)
    assert state.renew_runner_lease("one")
    assert not state.take_runner_lease("two")


def test_what_was_given_back_is_free_at_once(state: SqlStateStore) -> None:
    """Only its holder gives it back."""
    assert state.take_runner_lease("one")
    state.release_runner_lease("two")
    assert not state.take_runner_lease("two")
    state.release_runner_lease("one")
    assert state.take_runner_lease("two")


def test_a_lease_is_no_change_of_state(state: SqlStateStore) -> None:
    """Renewing every 2 s wakes no dashboard and fills no audit."""
    before = (state.version(), state.verify_audit())
    state.take_runner_lease("one")
    state.renew_runner_lease("one")
    assert (state.version(), state.verify_audit()) == before
