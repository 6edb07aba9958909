"""When to start a child again that ended by itself."""

from dataclasses import dataclass

from .child import Child

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
CALM_SECONDS = 60.0  # who ran that long is forgiven earlier ends


@dataclass(slots=True)
class Watched:
    """A child with its restart policy. `restart_at` is set while it is down and will be started again."""

    child: Child
    restart: bool
    ends: int = 0
    restart_at: float | None = None
    given_up: bool = False

    def look(self, now: float) -> str | None:
        """Start it again when that is due; return what happened, in words, or None if nothing did."""
        if self.given_up:
            return None
        if self.restart_at is not None:
            return self._start_when_due(now)
        if self.child.alive():
            return None
        return self._note_end(now)

    def _note_end(self, now: float) -> str:
        how = f"{self.child.name} {self.child.exit_text()}"
        if not self.restart:
            self.given_up = True
            return f"{how} and stays down"
        self.ends = 1 if now - self.child.started_at >= CALM_SECONDS else self.ends + 1
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (self.ends - 1))
        self.restart_at = now + pause
        return f"{how}; it is started again in {pause:g} s (log: {self.child.log})"

    def _start_when_due(self, now: float) -> str | None:
        if self.restart_at is None or now < self.restart_at:
            return None
        self.child.stop()  # orphaned workers would still hold the port
        self.child.start()
        self.restart_at = None
        return f"{self.child.name} was started again"
