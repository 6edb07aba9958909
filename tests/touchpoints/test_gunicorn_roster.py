"""Which gunicorn is which plugin, as they come, go and move. No process is needed to decide that."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Plugin, parse_plugin_id
from plugin_optimizer.touchpoints.gunicorn.process import Invocation, Master
from plugin_optimizer.touchpoints.gunicorn.roster import Roster, Service
from plugin_optimizer.touchpoints.gunicorn.settings import settings_of
from plugin_optimizer.touchpoints.process_identity import ProcessIdentity


def service(pid: int, port: int, name: str = "shop", app: str = "shop:app", probe_name: str = "") -> Service:
    words = ("-b", f"127.0.0.1:{port}", *(("-n", name) if name else ()), app)
    identity = ProcessIdentity(pid, pid, 1, None, ("/v/bin/python", "/v/bin/gunicorn", *words))
    master = Master(identity, Invocation(words), {}, Path("/srv"))
    return Service(master, settings_of(words, {}, Path("/srv")), probe_name)


def ids(roster: Roster, *services: Service) -> dict[int, str]:
    return {found.master.pid: plugin_id for plugin_id, found in roster.assign(services).items()}


@pytest.mark.parametrize(
    ("found", "plugin_id"),
    [
        (service(9, 80, "Menü & Karte", probe_name="menu"), "menu"),
        (service(9, 80, "My Shop"), "my-shop"),
        (service(9, 80, "", app="shop.wsgi:app"), "shop.wsgi"),
        (service(9, 80, "식당", app="restaurant:app"), "restaurant"),
        (service(9, 80, "식당", app="식당:app"), "gunicorn-80"),
    ],
)
def test_a_plugin_is_named_by_probe_then_name_then_module(found: Service, plugin_id: str) -> None:
    """The first that makes an identifier counts; a port does where none does."""
    assert ids(Roster(), found) == {9: plugin_id}


def test_namesakes_get_numbers_in_the_order_of_their_ports() -> None:
    """And keep them, whoever else comes or goes."""
    roster = Roster()
    a, b, c = service(3, 8001), service(2, 8002), service(1, 8003)
    assert ids(roster, c, b) == {2: "shop", 1: "shop-2"}
    assert ids(roster, a, c, b) == {2: "shop", 1: "shop-2", 3: "shop-3"}
    assert ids(roster, c) == {1: "shop-2"}
    assert ids(roster, service(7, 8002), c) == {7: "shop", 1: "shop-2"}


def test_a_service_that_moved_keeps_its_id() -> None:
    """The same program at another port, its old process gone, is the same plugin."""
    roster = Roster()
    assert ids(roster, service(1, 8001)) == {1: "shop"}
    assert ids(roster, service(2, 9001)) == {2: "shop"}


def test_a_second_instance_does_not_take_the_id_of_a_running_one() -> None:
    """While the first runs, the same program elsewhere is another plugin; a doubtful move is none."""
    roster = Roster()
    roster.assign([service(1, 8001)])
    assert ids(roster, service(1, 8001), service(2, 9001)) == {1: "shop", 2: "shop-2"}
    doubtful = Roster()
    doubtful.assign([service(1, 8001)])
    assert set(ids(doubtful, service(2, 9001), service(3, 9002)).values()) == {"shop-2", "shop-3"}


def test_a_configured_bind_decides() -> None:
    """Of two namesakes the one at the configured address is the plugin; without it, nobody is."""
    roster = Roster()
    roster.remember(Plugin("shop", "gunicorn", {"name": "shop", "bind": "127.0.0.1:8002"}))
    assert ids(roster, service(1, 8001), service(2, 8002)) == {2: "shop", 1: "shop-2"}
    assert ids(roster, service(1, 8001)) == {1: "shop-2"}


def test_a_probe_names_its_plugin_itself() -> None:
    """A service at a known address whose probe says another name is that other plugin."""
    roster = Roster()
    assert ids(roster, service(1, 8001)) == {1: "shop"}
    assert ids(roster, service(1, 8001, probe_name="orders")) == {1: "orders"}


@given(st.lists(st.tuples(st.integers(8000, 8010), st.sampled_from(["", "a", "b" * 80])), unique_by=lambda s: s[0]))
def test_every_service_has_one_id_and_keeps_it(places: list[tuple[int, str]]) -> None:
    """All ids are identifiers, no two are alike, and a second look gives the same ones."""
    services = [service(pid, port, name) for pid, (port, name) in enumerate(places, 2)]
    roster = Roster()
    first = ids(roster, *services)
    assert len(set(first.values())) == len(services)
    assert all(parse_plugin_id(plugin_id) for plugin_id in first.values())
    assert ids(roster, *reversed(services)) == first
