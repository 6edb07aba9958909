"""One crash run: which fault, at which crash point, on which target, and the course that leads there."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from plugin_optimizer.domain import ExecutionState, Outcome

PLUGIN_ID, KNOB = "orders", "workers"
BEFORE, AFTER, FOREIGN = 2, 4, 9
MODES = ("raise", "exit", "kill", "stop", "sleep", "drop")
SLEEP_SECONDS = 0.3
STOP_HELD_SECONDS = 25.0  # longer than an engine waits for a step that does not show (8 s, then 10 s)
FINAL_SECONDS = 240.0  # a run that has not come to its end by then has broken its promise


@dataclass(frozen=True, slots=True)
class Course:
    """What the target and the judge do, and the states in which the execution may end."""

    outcome: Outcome
    trouble: str
    ends: frozenset[ExecutionState]


_S = ExecutionState
COURSES = {
    "keep": Course(Outcome.BETTER, "", frozenset({_S.SUCCEEDED})),
    "undo": Course(Outcome.WORSE, "", frozenset({_S.ROLLED_BACK})),
    "undo_kept": Course(Outcome.BETTER, "asked", frozenset({_S.ROLLED_BACK})),
    "lost": Course(Outcome.BETTER, "lost", frozenset({_S.SUCCEEDED})),
    "gone": Course(Outcome.BETTER, "gone", frozenset({_S.SUCCEEDED})),
    "foreign": Course(Outcome.BETTER, "foreign", frozenset({_S.NEEDS_OPERATOR})),
    "stop": Course(Outcome.BETTER, "stop", frozenset({_S.ROLLED_BACK, _S.ABORTED})),
}
COURSE_OF_POINT = {
    "C12": "lost", "C13": "gone", "C19": "undo", "C19P": "undo_kept", "C20A": "undo", "C20L": "undo",
    "C20": "undo", "C21": "undo", "C21R": "undo", "C22": "foreign",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """`point` is a name of `crashpoints.POINTS`, or `effect`: the moment right before the target is turned, or ``.

    `hit` says at which passing of the point the fault strikes, `strikes` how often over all lives of the engine,
    `kill_after_seconds` when the parent kills from outside (mode `random`, `pause`). `unfenced` engines each know only
    the fences they acted on themselves.
    """

    point: str
    mode: str
    target: str = "ledger"
    course: str = "keep"
    hit: int = 1
    strikes: int = 1
    kill_after_seconds: float = 0.0
    unfenced: bool = False

    @property
    def name(self) -> str:
        after = f"@{self.kill_after_seconds:.3f}" if self.kill_after_seconds else ""
        fence = ":unfenced" if self.unfenced else ""
        return f"{self.point}:{self.mode}:{self.target}:{self.course}:{self.hit}:{self.strikes}{fence}{after}"

    @classmethod
    def parse(cls, name: str) -> "Case":
        """Read what `name` wrote."""
        body, _, after = name.partition("@")
        point, mode, target, course, hit, strikes, *fence = body.split(":")
        return cls(point, mode, target, course, int(hit), int(strikes), float(after or 0.0), bool(fence))


def case_at(point: str, mode: str, target: str = "ledger", hit: int = 1, strikes: int = 1) -> Case:
    """Return the case whose course passes the point."""
    return Case(point, mode, target, COURSE_OF_POINT.get(point, "keep"), hit, strikes)


@dataclass(frozen=True, slots=True)
class Room:
    """The directory of one run: what outlives its processes."""

    path: Path

    def make(self) -> None:
        self.state.parent.mkdir(parents=True, mode=0o700)
        self.home.mkdir(mode=0o700)

    @property
    def state(self) -> Path:
        return self.path / "state" / "state.db"

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.jsonl"

    @property
    def home(self) -> Path:
        return self.path / "home"

    def struck(self) -> list[dict[str, object]]:
        """Return the faults that came to pass, oldest first."""
        found = self.path / "struck.jsonl"
        return [json.loads(line) for line in found.read_text().splitlines()] if found.exists() else []

    def strike(self, point: str, mode: str) -> None:
        """Put on record that a fault strikes now."""
        append_line(self.path / "struck.jsonl", {"point": point, "mode": mode, "pid": os.getpid()})


def append_line(path: Path, fields: dict[str, object]) -> None:
    """Append one line with one write: either all of it is there after a kill, or nothing."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, (json.dumps(fields) + "\n").encode())
    finally:
        os.close(file)
