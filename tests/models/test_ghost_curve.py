"""From a slice of the keys, looked at now and then, the hit ratio of larger caches comes out."""

from collections import OrderedDict

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_optimizer.domain import HitPoint
from plugin_optimizer.models.ghost_curve import Counted, GhostCurve, GhostList, at_entries, entries_for, ghost_curve
from plugin_optimizer.models.missratio import Keys, stack_distances

KEYS, ACCESSES, PRESENT = 8_000, 160_000, 1_000
LOOK = 500  # accesses between two looks: a key stays for some 3,000


def zipf(seed: int, exponent: float = 0.9) -> Keys:
    rng = np.random.default_rng(seed)
    weights = 1.0 / np.arange(1, KEYS + 1) ** exponent
    names = rng.permutation(np.arange(1, KEYS + 1, dtype=np.uint64))
    return names[rng.choice(KEYS, size=ACCESSES, p=weights / weights.sum())]


def sampled(key: int, bits: int) -> bool:
    """Tell whether a key is in the slice, by well mixed bits of it."""
    mixed = (key * 0x9E3779B97F4A7C15) % (1 << 64)
    return ((mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9 >> 40) % (1 << bits) == 0


def watched(keys: Keys, bits: int, *, stored: float = 1.0) -> GhostCurve:
    """Run an LRU cache that holds PRESENT keys and look at its slice; of the missed keys a share is `stored`."""
    cache: OrderedDict[int, None] = OrderedDict()
    ghosts, hits = GhostList(), 0
    chance = np.random.default_rng(0).random(len(keys))
    for n, key in enumerate(keys.tolist()):
        if key in cache:
            cache.move_to_end(key)
            hits += 1
        elif chance[n] < stored:
            cache[key] = None
            if len(cache) > PRESENT:
                cache.popitem(last=False)
        if n % LOOK == LOOK - 1:
            ghosts.look({key for key in cache if sampled(key, bits)}, Counted(n + 1.0, float(hits)))
    curve = ghost_curve(ghosts, 0.5**bits, PRESENT)
    assert curve is not None
    return curve


def truth(keys: Keys, sizes: list[int]) -> NDArray[np.float64]:
    distances = stack_distances(keys)[len(keys) // 2 :]
    return np.array([(distances <= size).mean() for size in sizes])


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_of_a_sample_is_that_of_all_keys(seed: int) -> None:
    """A quarter of the keys, seen at looks alone: within four points of the truth at twice and four times the size."""
    keys = zipf(seed)
    curve = watched(keys, 2)
    sizes = [PRESENT, 2 * PRESENT, 4 * PRESENT]
    computed = np.array([at_entries(curve.points, size).expected for size in sizes])
    assert np.abs(computed - truth(keys, sizes)).max() < 0.04
    assert curve.known_entries > 2 * PRESENT
    assert abs(curve.error_ratio) < 0.05


def test_the_present_size_is_what_was_counted() -> None:
    """The curve begins with the one point that the server knows itself."""
    curve = watched(zipf(7), 3)
    assert curve.points[0] == HitPoint(PRESENT, curve.hit_ratio, curve.hit_ratio, curve.hit_ratio)


def test_more_room_never_answers_less() -> None:
    """The certain, the expected and the possible rise with the size, within 0 and 1, in that order."""
    points = watched(zipf(1), 3).points
    for side in ([p.low for p in points], [p.expected for p in points], [p.high for p in points]):
        assert side == sorted(side)
        assert side[0] >= 0
        assert side[-1] <= 1
    assert all(point.low <= point.expected <= point.high for point in points)
    assert [point.entries for point in points] == sorted({point.entries for point in points})


def test_a_loop_over_more_keys_than_fit_is_a_cliff() -> None:
    """Keys asked for in turn: nothing is answered until all of them fit."""
    points = watched(np.tile(np.arange(1, 3_001, dtype=np.uint64), 40), 2).points
    assert at_entries(points, 2_000).low < 0.1
    assert at_entries(points, 3_600).low > 0.85


def test_misses_that_store_nothing_make_the_answer_uncertain() -> None:
    """Only half of the missed keys are written: the certain gain shrinks, the possible one does not, and the drift shows."""
    curve = watched(zipf(2), 2, stored=0.5)
    point = at_entries(curve.points, 4 * PRESENT)
    assert point.high - point.low > 0.1
    assert curve.error_ratio < -0.1


def test_a_server_that_has_only_begun_is_told_of_with_less_certainty() -> None:
    """Its keys are asked for the first time ever: what it certainly answers stays, what it may answer grows by them."""
    ghosts = GhostList()
    keys = zipf(3)[: ACCESSES // 8]
    cache: OrderedDict[int, None] = OrderedDict()
    hits = 0
    for n, key in enumerate(keys.tolist()):
        hits += key in cache
        cache[key] = None
        cache.move_to_end(key)
        if len(cache) > PRESENT:
            cache.popitem(last=False)
        if n % LOOK == LOOK - 1:
            ghosts.look(set(cache), Counted(n + 1.0, float(hits)))
    usual, begun = (ghost_curve(ghosts, 1.0, PRESENT, fresh=fresh) for fresh in (False, True))
    assert usual is not None
    assert begun is not None
    one, other = (at_entries(curve.points, 2 * PRESENT) for curve in (usual, begun))
    assert one.low == pytest.approx(other.low)
    later = float((stack_distances(zipf(3))[len(keys) :] <= 2 * PRESENT).mean())  # when all keys have been asked for
    assert one.expected < later
    assert other.low < later < other.high


def test_a_key_that_comes_back_knows_how_many_left_after_it() -> None:
    """By hand: 1, then 2 and 3 leave; 2 comes back behind one of them (3), then 1 behind one (3) that is still away."""
    ghosts = GhostList()
    for n, keys in enumerate([{1, 2, 3, 4}, {2, 3, 4}, {3, 4}, {4}, {4, 2}, {4, 2, 1}, {4, 2, 1, 9}]):
        ghosts.look(keys, Counted(float(n), 0.0))
    assert list(ghosts.ranks) == [1, 1, -1]


def test_the_size_for_a_hit_ratio_lies_on_the_curve() -> None:
    """Halfway between two points it is their geometric mean; what none reaches needs the largest."""
    points = (HitPoint(100, 0.2, 0.2, 0.2), HitPoint(400, 0.6, 0.6, 0.6))
    assert entries_for(points, 0.4) == pytest.approx(200)
    assert entries_for(points, 0.9) == 400
    assert entries_for(points, 0.1) == 100
    assert at_entries(points, 200).expected == pytest.approx(0.4)


def test_nothing_that_came_is_no_curve() -> None:
    """A cache into which nothing new comes tells nothing of other sizes."""
    ghosts = GhostList()
    for n in range(5):
        ghosts.look({1, 2}, Counted(float(n), float(n)))
    assert ghost_curve(ghosts, 1.0, 2) is None
