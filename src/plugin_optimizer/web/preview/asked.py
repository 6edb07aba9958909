"""What a preview is asked, and what became of it: the words between the server and the process that computes."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ...config import Engine
from ...domain import Policies

MOST_CPU_SECONDS = 300.0
MOST_SECONDS = 900.0  # of the clock: on a busy host the lowest priority gets little of the processor
MOST_BYTES = 1 << 30


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The most that one preview may take: of the processor, the clock and memory, and looks of each of its two replays."""

    cpu_seconds: float = MOST_CPU_SECONDS
    seconds: float = MOST_SECONDS
    memory_bytes: int = MOST_BYTES
    looks: int = 1_008  # a week by ten minutes
    first_looks: int = 84  # by two hours: what is answered first, and stands where there is no time for more


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A preview for `plugin_id` (`default`: all plugins) over the `days` before `at`, Unix seconds.

    `changes` as they were sent, `etag` the policy they were made on.
    """

    id: str
    plugin_id: str
    changes: Mapping[str, Any]
    days: float
    etag: str
    actor: str
    at: float


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the process needs: it reads no configuration of its own. Sent on its standard input only.

    `directory` is where it tells how far it is, and leaves its outcome.
    """

    asked: Asked
    directory: str
    engine: Engine
    present: Policies
    proposed: Policies
    limits: Limits = Limits()


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is: the share that is done, 0…1, and what of.

    `answer` is `first` (by few looks) or `full`, `policy` is `present` or `proposed`: under that one it has looked `looks`
    of `of_looks` times, and found so many suggestions, some of which automatic mode would have executed.
    """

    share: float
    answer: str
    policy: str
    looks: int
    of_looks: int
    suggestions: int
    executed: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is done, failed or cancelled; `code` and `params` say why, `result` holds the answer by language."""

    state: str
    finished_at: float
    code: str | None = None
    params: Mapping[str, str | int | float | None] = {}
    result: Mapping[str, Any] | None = None
