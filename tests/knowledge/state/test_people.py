"""Users and tokens are remembered; what is secret stays out of the audit."""

import pytest

from plugin_optimizer.contracts import User
from plugin_optimizer.domain import NotFound
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.proposals import NOW


def test_a_user_is_found_with_the_password_hash(state: SqlStateStore) -> None:
    """Saving again changes role and password; an unknown name is None."""
    state.save_user("ann", "operator", "hash-1", NOW)
    state.save_user("ann", "admin", "hash-2", NOW + 1)
    assert state.user("ann") == (User("ann", "admin"), "hash-2")
    assert state.user("bob") is None


def test_a_token_works_until_it_expires(state: SqlStateStore) -> None:
    """At its expiry it is over; one without expiry goes on."""
    state.save_token("ci", "viewer", "digest-1", NOW + 10, NOW)
    state.save_token("cli", "admin", "digest-2", None, NOW + 1)
    assert state.token("digest-1", NOW + 9.9) == User("ci", "viewer")
    assert state.token("digest-1", NOW + 10) is None
    assert state.token("digest-2", NOW + 1e9) == User("cli", "admin")
    assert state.token("digest-3", NOW) is None
    assert state.tokens() == [("ci", "viewer", NOW, NOW + 10), ("cli", "admin", NOW + 1, None)]


def test_a_token_of_the_same_name_replaces_the_first(state: SqlStateStore) -> None:
    """A lost token is rotated by its name."""
    state.save_token("ci", "viewer", "digest-1", None, NOW)
    state.save_token("ci", "viewer", "digest-2", None, NOW + 1)
    assert state.token("digest-1", NOW) is None
    assert state.token("digest-2", NOW) == User("ci", "viewer")


def test_a_revoked_token_works_no_longer(state: SqlStateStore) -> None:
    """Revoking what is not there is NotFound."""
    state.save_token("ci", "viewer", "digest-1", None, NOW)
    state.revoke_token("ci", "ann", NOW)
    assert state.token("digest-1", NOW) is None
    assert state.tokens() == []
    with pytest.raises(NotFound, match="ci"):
        state.revoke_token("ci", "ann", NOW)


def test_no_secret_reaches_the_audit(state: SqlStateStore) -> None:
    """Neither hash nor digest stands in any entry."""
    state.save_user("ann", "admin", "SECRET-hash", NOW)
    state.save_token("ci", "viewer", "SECRET-digest", None, NOW)
    entries = state.audit()
    assert [entry.action for entry in entries] == ["token.saved", "user.saved"]
    assert "SECRET" not in repr(entries)
