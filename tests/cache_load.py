"""What an application asks of its cache: keys by Zipf's law, and what was missed is set."""

import threading
import time
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import redis

from tests.redis_service import RedisService

BATCH_SECONDS = 0.1
VALUE = b"x" * 700


@dataclass
class CacheLoad:
    """`rate` look-ups a second over so many keys; each that was missed is written. Runs beside the block as a context manager."""

    service: RedisService
    keys: int
    rate: float
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        weights = 1.0 / np.arange(1, self.keys + 1) ** 0.9
        self.shares = np.cumsum(weights / weights.sum())
        self.rng = np.random.default_rng(0)
        self.client = self.service.client

    def batch(self) -> tuple[int, int]:
        """Return how many were asked for and how many of them answered."""
        names = [f"key:{n}" for n in np.searchsorted(self.shares, self.rng.random(int(self.rate * BATCH_SECONDS)))]
        answers = self.client.mget(names)
        missed = [name for name, answer in zip(names, answers, strict=True) if answer is None]
        if missed:
            self.client.mset(dict.fromkeys(missed, VALUE))
        return len(names), len(names) - len(missed)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            try:
                self.batch()
            except redis.RedisError:
                time.sleep(BATCH_SECONDS)  # it is being started again
            time.sleep(max(0.0, BATCH_SECONDS - (time.monotonic() - began)))
