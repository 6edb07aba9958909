"""The memcached touchpoint keeps the promises that every touchpoint makes, and some of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheError

from plugin_optimizer.domain import Gone, InvalidValue, Metric, Plugin, Reversibility, Unobservable
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.memcached import MemcachedTouchpoint
from tests.gunicorn_service import free_port, wait_for

pytestmark = pytest.mark.live
MEBIBYTE = 1 << 20
NOBODY = Plugin("nobody", "memcached", {"url": "memcached://127.0.0.1:1"})


@dataclass
class MemcachedService:
    port: int
    megabytes: int
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def plugin(self) -> Plugin:
        return Plugin("pages", "memcached", {"url": f"memcached://127.0.0.1:{self.port}"})

    def start(self) -> None:
        command = ["memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", str(self.port), "-m", str(self.megabytes)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_for(self._ready, what=f"memcached to listen on port {self.port}")

    def _ready(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.version())
            except (OSError, MemcacheError):
                return False

    @contextmanager
    def client(self) -> Iterator[Client]:
        client = Client(("127.0.0.1", self.port), timeout=10)
        try:
            yield client
        finally:
            client.close()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


@pytest.fixture
def service() -> Iterator[MemcachedService]:
    service = MemcachedService(free_port(), 16)
    try:
        service.start()
        yield service
    finally:
        service.stop()


class TestContract(TouchpointContract):
    """Its size, in steps of a MiB."""

    @pytest.fixture
    def subject(self, service: MemcachedService) -> Iterator[TouchpointSubject]:
        touchpoint = MemcachedTouchpoint()
        url = service.plugin.address["url"]
        (plugin,) = (found for found in touchpoint.discover() if found.address["url"] == url)
        return TouchpointSubject(touchpoint, plugin, "cache_memlimit", 32 * MEBIBYTE, NOBODY)


def test_what_it_counts_between_two_looks(service: MemcachedService) -> None:
    """Hits, misses, keys and the round trip; nothing spans a restart."""
    touchpoint, plugin = MemcachedTouchpoint(), service.plugin
    touchpoint.sense(plugin, 100.0)
    with service.client() as client:
        for number in range(100):
            client.set(f"key:{number}", b"x" * 100)
        for number in range(150):
            client.get(f"key:{number}")
    seen = {sample.metric: sample.value for sample in touchpoint.sense(plugin, 110.0)}
    assert seen[Metric.CACHE_HIT_RATIO] == pytest.approx(100 / 150)
    assert seen[Metric.REQUESTS] == 250
    assert seen[Metric.CACHE_ENTRIES] == 100
    assert seen[Metric.RESTARTS] == 0
    service.stop()
    assert {sample.metric: sample.value for sample in touchpoint.sense(plugin, 115.0)} == {Metric.UP: 0.0}
    service.start()
    seen = {sample.metric: sample.value for sample in touchpoint.sense(plugin, 120.0)}
    assert seen[Metric.RESTARTS] == 1
    assert Metric.REQUESTS not in seen


def test_a_restart_loses_the_size_and_shows(service: MemcachedService) -> None:
    """Another life has another name, runs with what its command line says, and is looked at before it is turned."""
    touchpoint, plugin = MemcachedTouchpoint((service.plugin,)), service.plugin
    (knob,) = touchpoint.knobs(plugin)
    assert not knob.persistent
    touchpoint.turn(plugin, "cache_memlimit", 64 * MEBIBYTE)
    assert not touchpoint.persist(plugin, "cache_memlimit", 64 * MEBIBYTE)
    first = touchpoint.incarnation(plugin)
    assert touchpoint.incarnation(plugin) == first
    service.stop()
    with pytest.raises(Gone):
        touchpoint.incarnation(plugin)
    service.start()
    assert touchpoint.incarnation(plugin) != first
    with pytest.raises(Unobservable):
        touchpoint.turn(plugin, "cache_memlimit", 64 * MEBIBYTE)
    (knob,) = touchpoint.knobs(plugin)
    assert knob.value == 16 * MEBIBYTE


def test_less_room_is_marked_as_a_loss_and_has_a_floor(service: MemcachedService) -> None:
    """What is used, and a quarter more, is needed; less than memcached takes, and parts of a MiB, are no values."""
    touchpoint, plugin = MemcachedTouchpoint(), service.plugin
    with service.client() as client:
        for number in range(4_000):
            client.set(f"key:{number}", b"x" * 1_000)
    (knob,) = touchpoint.knobs(plugin)
    assert knob.reversibility_to(8 * MEBIBYTE) is Reversibility.LOSSY
    assert knob.reversibility_to(64 * MEBIBYTE) is Reversibility.REVERSIBLE
    assert knob.needed is not None
    assert knob.needed > 4_000 * 1_000
    for value in (7 * MEBIBYTE, 20 * MEBIBYTE + 1):
        with pytest.raises(InvalidValue):
            touchpoint.turn(plugin, "cache_memlimit", value)


def test_it_says_that_it_does_not_tell_its_keys(service: MemcachedService) -> None:
    """No other size can be computed; before anything was evicted none is needed."""
    assert MemcachedTouchpoint().cache_server(service.plugin).curve_missing == "cache_evicts_nothing"
