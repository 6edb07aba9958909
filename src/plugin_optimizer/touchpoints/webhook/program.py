"""An operator's own command: asked by JSON on its standard input, with an environment of its own, within a time and a size."""

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ...domain import Gone, Unobservable
from ...http_exchange import printable
from .bounded_process import Ended, run_bounded
from .documents import Question
from .receiver import MOST_ANSWER_BYTES, Outcome, Reply
from .settings import CommandSettings

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MOST_ERROR_BYTES = 4096
# The numbers of sysexits.h, which neither a shell (126, 127, 128 + signal) nor argparse (2) uses for anything else
EX_OK, EX_UNAVAILABLE, EX_NOPERM = 0, 69, 77
OUTCOMES = {EX_OK: Outcome.DONE, EX_UNAVAILABLE: Outcome.ABSENT, EX_NOPERM: Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. It sees of our environment what the configuration names, and no more: ours holds secrets."""

    settings: CommandSettings

    def ask(self, question: Question, order: str) -> Reply:  # noqa: ARG002 - the order's name stands in the document
        program = self.settings.command[0]
        if not Path(program).exists():
            raise Gone(f"there is no {program}")
        try:
            ended = run_bounded(
                self.settings.command,
                msgspec.json.encode(question),
                environment=self._environment(),
                directory=self.settings.directory,
                seconds=self.settings.timeout_seconds,
                most_bytes=(MOST_ANSWER_BYTES, MOST_ERROR_BYTES),
            )
        except OSError as error:
            raise Unobservable(f"{program} cannot be run: {error}") from error
        return _reply(program, ended)

    def _environment(self) -> dict[str, str]:
        named = {name: os.environ[name] for name in self.settings.environment if name in os.environ}
        return {"PATH": PATH, "LANG": "C.UTF-8", **named}


def _reply(program: str, ended: Ended) -> Reply:
    if ended.cut_short:
        raise Unobservable(f"{program} {ended.cut_short}")
    said = printable(ended.errors.decode("utf-8", "replace") or ended.output.decode("utf-8", "replace"))
    outcome = OUTCOMES.get(ended.code, Outcome.FAILED)
    how = f"was ended by signal {-ended.code}" if ended.code < 0 else f"ended with {ended.code}"
    return Reply(outcome, ended.output, f"{program} {how}" + (f": {said}" if said else ""))
