"""What customers ask of each service: the distribution of requests, seeded by the caller."""

import random
from bisect import bisect
from collections.abc import Callable
from itertools import accumulate

ITEMS = 400
POPULARITY_EXPONENT = 0.8  # Zipf: the n-th most wanted item is asked for n^-0.8 as often as the first
WHOLESALE_SHARE = 0.2

Target = Callable[[random.Random], tuple[str, str]]  # → method and path

_popularity = tuple(accumulate((rank + 1) ** -POPULARITY_EXPONENT for rank in range(ITEMS)))


def popular_item(chance: random.Random) -> int:
    """Return 1…ITEMS, small numbers more often (Zipf)."""
    return min(ITEMS, 1 + bisect(_popularity, chance.random() * _popularity[-1]))


def channel(chance: random.Random) -> str:
    if chance.random() < WHOLESALE_SHARE:
        return "wholesale"
    return chance.choice(("shop", "phone"))


TARGETS: dict[str, Target] = {
    "orders": lambda chance: ("POST", f"/orders?item={chance.randint(1, ITEMS)}&quantity={chance.randint(1, 5)}"),
    "menu": lambda chance: ("GET", f"/menu/{chance.choice(('breakfast', 'lunch', 'dinner'))}"),
    "reservations": lambda chance: ("POST", f"/reservations?guests={chance.randint(1, 8)}"),
    "inventory": lambda chance: ("GET", f"/prices/{chance.randint(1, ITEMS)}?channel={channel(chance)}"),
    "reports": lambda chance: ("GET", f"/reports/sales?day={chance.randint(1, 28)}"),
    "recommendations": lambda chance: ("GET", f"/recommendations/{popular_item(chance)}"),
    "loyalty": lambda chance: ("GET", f"/points/{chance.randint(1, 5000)}"),
}
