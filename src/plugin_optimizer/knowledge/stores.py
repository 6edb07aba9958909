"""The stores of one process, each opened when it is first used, and anew after a fork."""

import threading
from pathlib import Path

from .inbox import SqliteInbox
from .samples import SqliteSampleStore, open_samples
from .state import SqlStateStore, open_state

INBOX = "inbox.db"


class Stores:
    """State, samples and inbox below one directory; the state also at a URL. Opening raises ConfigError."""

    def __init__(self, directory: Path, state_url: str, waiting_bytes: int) -> None:
        self._directory, self._state_url, self._waiting_bytes = directory, state_url, waiting_bytes
        self.forget()

    def forget(self) -> None:
        """Let go of what the process before a fork had opened: it is that one's to close."""
        self._guard = threading.RLock()
        self._state: SqlStateStore | None = None
        self._samples: SqliteSampleStore | None = None
        self._inbox: SqliteInbox | None = None

    @property
    def state(self) -> SqlStateStore:
        with self._guard:
            if self._state is None:
                self._state = open_state(self._state_url or self._directory / "state.db")
            return self._state

    @property
    def samples(self) -> SqliteSampleStore:
        with self._guard:
            if self._samples is None:
                self._samples = open_samples(self._directory / "samples.db")
            return self._samples

    @property
    def inbox(self) -> SqliteInbox:
        with self._guard:
            if self._inbox is None:
                self._inbox = SqliteInbox(self._directory / INBOX, self._waiting_bytes)
            return self._inbox

    def close(self) -> None:
        """Close what is open; it opens again when it is used."""
        with self._guard:
            for store in (self._state, self._samples, self._inbox):
                if store is not None:
                    store.close()
            self._state = self._samples = self._inbox = None
