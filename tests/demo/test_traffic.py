"""What the demo's customers ask."""

import random
from collections import Counter

import pytest

from plugin_optimizer.demo import traffic
from plugin_optimizer.demo.roster import SERVICES


def test_every_service_has_customers() -> None:
    """No service of the roster is left without requests, and nobody asks a service that is not there."""
    assert set(traffic.TARGETS) == {service.name for service in SERVICES}


def test_items_are_wanted_as_zipf_says() -> None:
    """The n-th item is asked for n^-0.8 as often as the first."""
    chance = random.Random(4)
    counts = Counter(traffic.popular_item(chance) for _ in range(200_000))
    assert min(counts) == 1
    assert max(counts) == traffic.ITEMS
    assert counts[10] / counts[1] == pytest.approx(10**-0.8, rel=0.1)


def test_a_fifth_of_the_prices_is_asked_by_wholesale_customers() -> None:
    """The share of the channel that will fail is the one the roster of faults speaks of."""
    chance = random.Random(5)
    asked = [traffic.TARGETS["inventory"](chance)[1] for _ in range(20_000)]
    share = sum("channel=wholesale" in target for target in asked) / len(asked)
    assert share == pytest.approx(traffic.WHOLESALE_SHARE, abs=0.01)


def test_the_same_seed_asks_the_same() -> None:
    """A run can be repeated."""
    first, second = random.Random(9), random.Random(9)
    for target in traffic.TARGETS.values():
        assert [target(first) for _ in range(50)] == [target(second) for _ in range(50)]
