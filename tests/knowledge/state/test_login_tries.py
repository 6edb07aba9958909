"""Guessing a password is slowed down, by whatever process the guesses come in."""

import pytest
from sqlalchemy import insert

from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.state.login_tries import PER_ADDRESS, PER_USER, PER_USER_AND_ADDRESS
from plugin_optimizer.knowledge.state.schema import login_tries
from tests.knowledge.proposals import NOW


def test_ten_tries_in_a_quarter_of_an_hour(state: SqlStateStore) -> None:
    """Ten are let through, the eleventh waits; another address or user does not; in time all is forgotten."""
    for _ in range(PER_USER_AND_ADDRESS.tries):
        assert state.count_login("kim", "192.0.2.1", NOW) == 0.0
    assert state.count_login("kim", "192.0.2.1", NOW + 1) == 899.0
    assert state.count_login("kim", "192.0.2.2", NOW) == 0.0
    assert state.count_login("lee", "192.0.2.1", NOW) == 0.0
    assert state.count_login("kim", "192.0.2.1", NOW + PER_USER_AND_ADDRESS.seconds) == 0.0


def test_a_second_process_counts_the_same_tries(state: SqlStateStore, state_url: str) -> None:
    """What one refused, the other refuses; who logged in at one is forgiven at the other."""
    other = open_state(state_url)
    for number in range(PER_USER_AND_ADDRESS.tries):
        (state, other)[number % 2].count_login("kim", "192.0.2.1", NOW)
    assert state.count_login("kim", "192.0.2.1", NOW) > 0.0
    assert other.count_login("kim", "192.0.2.1", NOW) > 0.0
    other.forgive_logins("kim", "192.0.2.1")
    assert state.count_login("kim", "192.0.2.1", NOW) == 0.0
    other.close()


@pytest.mark.parametrize("same", ["user", "address"])
def test_many_addresses_or_many_users_do_not_help(state: SqlStateStore, same: str) -> None:
    """A hundred an hour for a user from wherever, a thousand an hour from an address as whoever."""
    with state._database.writing() as write:
        tries = PER_USER.tries if same == "user" else PER_ADDRESS.tries
        for number in range(tries):
            of = ("kim", f"a{number}") if same == "user" else (f"u{number}", "192.0.2.1")
            write.execute(insert(login_tries).values(name=of[0], address=of[1], at=NOW))
    assert state.count_login("kim", "192.0.2.1", NOW + 60) == pytest.approx(3540.0)
    assert state.count_login("kim", "192.0.2.1", NOW + 3600) == 0.0


def test_a_clock_that_was_set_back_locks_nobody_out(state: SqlStateStore) -> None:
    """Tries from the future do not count."""
    for _ in range(PER_USER_AND_ADDRESS.tries):
        state.count_login("kim", "192.0.2.1", NOW + 86_400)
    assert state.count_login("kim", "192.0.2.1", NOW) == 0.0


def test_tries_are_no_change_of_state(state: SqlStateStore) -> None:
    """A flood of them fills neither the audit nor the dashboards' event stream."""
    before = (state.version(), state.verify_audit())
    state.count_login("kim", "192.0.2.1", NOW)
    state.forgive_logins("kim", "192.0.2.1")
    assert (state.version(), state.verify_audit()) == before
