"""A cache whose size can be turned while it runs, and which remembers what it was asked for."""

import contextlib
import sys
import threading
import time
from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from . import registry
from .report import CacheReport
from .ring import KEY_CAPACITY
from .tunable import tunable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
D = TypeVar("D")

_MEASURED_EVERY = 32  # entries; measuring an object's size walks it
_OBJECTS_AT_MOST = 256
_ENTRY_OVERHEAD_BYTES = 200  # the links and slots of an OrderedDict entry and our tuple
_SIZE_WEIGHT = 0.1  # of one more measured entry in the running mean
_FOREVER = float("inf")


class TunableCache(Generic[K, V]):
    """Least recently used entries leave first. Thread-safe; one per process, like `functools.lru_cache`.

    Registers the knob `cache.<name>.size`. Two threads that miss the same key at once both load it.
    """

    def __init__(
        self,
        name: str,
        capacity: int,
        *,
        minimum: int = 16,
        maximum: int = 65_536,
        ttl_seconds: float | None = None,
        plugin: str | None = None,
    ) -> None:
        self.name = name
        self._capacity = capacity
        self._ttl_seconds = _FOREVER if ttl_seconds is None else ttl_seconds
        self._entries: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._asked: deque[int] = deque(maxlen=KEY_CAPACITY)
        self._hits = self._misses = self._loads = self._puts = 0
        self._load_seconds_total = 0.0
        self._entry_bytes = float("nan")
        self._lock = threading.Lock()
        probe = registry.default() if plugin is None else registry.named(plugin)
        probe.caches[name] = self
        self._knob = tunable(
            f"cache.{name}.size",
            capacity,
            minimum=minimum,
            maximum=maximum,
            unit="entries",
            kind="cache_size",
            on_change=self._resize,
            plugin=plugin,
        )

    @property
    def capacity(self) -> int:
        return self._capacity

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K, default: D | None = None) -> V | D | None:
        """Return what is stored for `key`, and count the access."""
        self._asked.append(hash(key))
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry[1] > time.monotonic():
                self._entries.move_to_end(key)
                self._hits += 1
                return entry[0]
            self._misses += 1
            if entry is not None:
                del self._entries[key]
        return default

    def put(self, key: K, value: V) -> None:
        self._measure(key, value)
        with self._lock:
            self._entries[key] = (value, time.monotonic() + self._ttl_seconds)
            self._entries.move_to_end(key)
            self._evict()

    def get_or_load(self, key: K, loader: Callable[[], V]) -> V:
        """Return what is stored for `key`, else load and store it. What `loader` raises passes through."""
        found = self.get(key, _MISSING)
        if not isinstance(found, _Missing):
            return found  # type: ignore[return-value] # None is a value like any other
        began = time.perf_counter()
        value = loader()
        with self._lock:
            self._loads += 1
            self._load_seconds_total += time.perf_counter() - began
        self.put(key, value)
        return value

    def resize(self, capacity: int) -> None:
        """Make the application's own change of size. Raises ValueError outside the bounds."""
        self._knob.set(capacity)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def report(self) -> CacheReport:
        with self._lock:
            return CacheReport(
                self.name,
                self._capacity,
                len(self._entries),
                self._hits,
                self._misses,
                self._loads,
                self._load_seconds_total,
                self._entry_bytes,
            )

    def drain(self) -> "array[int]":
        """Return the hashes of the keys asked for since the last call, oldest first."""
        return array("q", [self._asked.popleft() for _ in range(len(self._asked))])

    def after_fork(self) -> None:
        """Begin to count anew: the parent's accesses are reported by the parent. The entries stay."""
        self._lock = threading.Lock()
        self._asked.clear()
        self._hits = self._misses = self._loads = 0
        self._load_seconds_total = 0.0

    def _resize(self, capacity: int) -> None:
        with self._lock:
            self._capacity = capacity
            self._evict()

    def _evict(self) -> None:
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def _measure(self, key: K, value: V) -> None:
        self._puts += 1
        if self._puts % _MEASURED_EVERY != 1:
            return
        with contextlib.suppress(Exception):
            measured = size_bytes(key) + size_bytes(value) + _ENTRY_OVERHEAD_BYTES
            before = self._entry_bytes if self._entry_bytes == self._entry_bytes else measured
            self._entry_bytes = before + _SIZE_WEIGHT * (measured - before)


class _Missing:
    __slots__ = ()


_MISSING = _Missing()


def size_bytes(value: object) -> float:
    """Estimate what an object and what it holds take, from at most 256 objects of it."""
    waiting, seen, total = [value], set[int](), 0.0
    while waiting and len(seen) < _OBJECTS_AT_MOST:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        total += sys.getsizeof(item)
        waiting.extend(_held(item))
    left = len(waiting)
    return total * (1 + left / len(seen))


def _held(item: object) -> list[object]:
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    if isinstance(item, list | tuple | set | frozenset):
        return list(item)
    fields = getattr(item, "__dict__", None)
    return [fields] if isinstance(fields, dict) else []
