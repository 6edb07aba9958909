"""Who is there, and who turned what."""

from plugin_optimizer.domain import Knob, Plugin
from plugin_optimizer.monitor.roll_call import roll_call
from plugin_optimizer.monitor.setting_watch import SettingWatch


def test_a_plugin_that_was_seen_once_is_never_forgotten_by_itself() -> None:
    """One that died is still called, so that its absence can be reported."""
    known = [Plugin("loyalty", "gunicorn", {"pid": "7"})]
    assert list(roll_call([], known, [])) == ["loyalty"]


def test_discovery_refreshes_the_address_and_the_configuration_wins() -> None:
    """A new pid is taken over; what a person wrote stays."""
    known = [Plugin("orders", "gunicorn", {"pid": "7"}, {"team": "shop"})]
    found = [Plugin("orders", "gunicorn", {"pid": "8", "bind": "127.0.0.1:1"})]
    configured = [Plugin("orders", "gunicorn", {"bind": "127.0.0.1:2"})]
    plugin = roll_call(configured, known, found)["orders"]
    assert plugin.address == {"pid": "8", "bind": "127.0.0.1:2"}
    assert plugin.labels == {"team": "shop"}


def test_a_policy_in_the_configuration_does_not_say_what_kind_a_plugin_is() -> None:
    """A Blueprint with an objective of its own stays a Blueprint; whoever names an address means that kind."""
    found = [Plugin("shop.orders", "blueprint", {"host": "shop", "blueprint": "orders"})]
    (plugin,) = roll_call([Plugin("shop.orders", "gunicorn", {}, {"team": "shop"})], [], found).values()
    assert (plugin.touchpoint, plugin.address["host"], plugin.labels) == ("blueprint", "shop", {"team": "shop"})
    named = [Plugin("shop.orders", "gunicorn", {"bind": "127.0.0.1:2"})]
    assert roll_call(named, [], found)["shop.orders"] == named[0]


def test_a_knob_that_moved_without_us_is_a_change_from_outside() -> None:
    """The first sight of a knob is no change; a later difference is, with its time and hand."""
    watch = SettingWatch()
    assert watch.compare("inventory", [Knob("mode", "half_up")], 1.0) == []
    (change,) = watch.compare("inventory", [Knob("mode", "exact")], 2.0)
    assert (change.before, change.after, change.at, change.by) == ("half_up", "exact", 2.0, "outside")


def test_what_an_execution_turns_is_signed_by_it() -> None:
    """Our own moves are never blamed on somebody else."""
    watch = SettingWatch()
    watch.compare("orders", [Knob("workers", 2)], 1.0)
    watch.announce("orders", "workers", "ex_1")
    (change,) = watch.compare("orders", [Knob("workers", 3)], 2.0)
    assert change.by == "ex_1"


def test_a_name_belongs_to_the_kind_that_found_it_first() -> None:
    """Two services of different kinds under one name do not take turns: the second waits for a name of its own."""
    first, second = Plugin("orders", "gunicorn", {"bind": "a"}), Plugin("orders", "uvicorn", {"bind": "b"})
    assert roll_call((), (), (first, second)) == {"orders": first}
    assert roll_call((), (first,), (first, second)) == {"orders": first}
    assert roll_call((), (first,), (second,)) == {"orders": second}  # moved from one server to the other


def test_a_kind_that_the_configuration_names_is_believed() -> None:
    """Also without an address, which one that is only reported on has not."""
    was, now = Plugin("orders", "gunicorn", {"bind": "a"}), Plugin("orders", "reported")
    assert roll_call((now,), (was,), ()) == {"orders": now}
