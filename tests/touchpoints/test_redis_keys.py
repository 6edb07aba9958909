"""The slice of keys of a real Redis: always the same ones, seen without touching any."""

import time
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.touchpoints.redis import RedisTouchpoint
from plugin_optimizer.touchpoints.redis.keys import KeySlice, KeySlices, bits_for, keys_of_slice, position
from plugin_optimizer.touchpoints.redis.state import read_state
from tests.redis_service import start_redis

LRU = ("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")


def test_the_cursor_reads_backwards() -> None:
    """SCAN counts its highest bit first: 8 of 16 buckets is the second place of all, 1 the middle."""
    assert position(0) == 0.0
    assert position(1) == 0.5
    assert position(0b10) == 0.25
    assert position(0b11) == 0.75


def test_a_slice_holds_about_two_thousand_keys() -> None:
    """Half to all of 2,048, whatever the number of keys."""
    for keys in (1, 1_000, 2_049, 50_000, 10_000_000):
        assert keys / 2 ** bits_for(keys) <= 2048
        assert keys <= 2048 or keys / 2 ** bits_for(keys) > 1024


@pytest.mark.live
def test_a_slice_is_a_fair_sample_that_stays_when_the_table_grows(tmp_path: Path) -> None:
    """A sixteenth of the keys within chance; a later look at a table four times as large finds the very same ones again."""
    with start_redis(tmp_path, *LRU) as service:
        service.fill(6_000, 20)
        client = service.client
        first = set(keys_of_slice(client, 0, 4))
        assert 280 < len(first) < 470  # 375 expected, 19 is one standard deviation
        assert set(keys_of_slice(client, 0, 4)) == first
        service.fill(24_000, 20)
        larger = set(keys_of_slice(client, 0, 4))
        assert 1_350 < len(larger) < 1_650
        known = {f"key:{number}".encode() for number in range(6_000)}
        assert larger & known == first
        assert set(keys_of_slice(client, 0, 0)) == {f"key:{number}".encode() for number in range(24_000)}


@pytest.mark.live
def test_looking_leaves_no_trace(tmp_path: Path) -> None:
    """No key becomes younger by our looks, and none is counted as a look-up."""
    with start_redis(tmp_path, *LRU) as service:
        client = service.client
        service.fill(400, 20)
        slices = KeySlices()
        time.sleep(2.1)
        for now in range(3):
            slices.look("p", client, read_state(client), float(now))
        observed = slices.observed("p")
        assert isinstance(observed, KeySlice)
        assert len(observed.ghosts.present) == 400
        state = read_state(client)
        assert (state.hits, state.misses, state.commands) == (0, 0, 400)
        assert client.object("IDLETIME", "key:0") >= 1


@pytest.mark.live
def test_what_cannot_be_sampled_says_why(tmp_path: Path) -> None:
    """Another policy than LRU, a forbidden SCAN, no keys, a broker's work."""
    with start_redis(tmp_path, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lfu") as service:
        touchpoint, plugin = RedisTouchpoint(), Plugin("sessions", "redis", {"url": service.url})
        service.fill(100)
        touchpoint.sense(plugin, 1.0)
        assert touchpoint.cache_server(plugin).curve_missing == "cache_not_lru"
        service.client.config_set("maxmemory-policy", "allkeys-lru")
        service.client.execute_command("ACL", "SETUSER", "default", "-scan")
        touchpoint.sense(plugin, 2.0)
        assert touchpoint.cache_server(plugin).curve_missing == "cache_keys_forbidden"
        service.client.flushall()
        touchpoint.sense(plugin, 3.0)
        assert touchpoint.cache_server(plugin).curve_missing == "cache_empty"
        for _ in range(30):
            service.client.lpush("celery", "a task")
            service.client.brpop("celery", timeout=1)
        assert touchpoint.cache_server(plugin).curve_missing == "cache_is_queue"
