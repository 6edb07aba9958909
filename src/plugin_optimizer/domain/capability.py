"""What a touchpoint declares of itself: what it senses and turns, by which mechanism, and which test proves it.

`docs/TOUCHPOINTS.md` is written from this, and the contract of touchpoints holds what is offered to it.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from .change import Disruption, Knob, Reversibility
from .metric import Metric

OF_PROCESSES = (
    Metric.UP,
    Metric.WORKERS,
    Metric.RESTARTS,
    Metric.CPU_CORES,
    Metric.CPU_RATIO,
    Metric.MEMORY_BYTES,
    Metric.MEMORY_RATIO,
    Metric.WORKER_MEMORY_BYTES,
)
OF_REQUESTS = (  # what the probe inside tells of each request
    Metric.REQUESTS,
    Metric.THROUGHPUT_PER_SECOND,
    Metric.RESPONSE_TIME_SECONDS,
    Metric.RESPONSE_TIME_P50_SECONDS,
    Metric.RESPONSE_TIME_P95_SECONDS,
    Metric.RESPONSE_TIME_P99_SECONDS,
    Metric.QUEUE_WAIT_SECONDS,
    Metric.SERVICE_TIME_SECONDS,
    Metric.BUSY_RATIO,
    Metric.ERROR_RATIO,
)
ANY_METRIC = tuple(Metric)


@dataclass(frozen=True, slots=True)
class Turned:
    """A knob, or a family of knobs (`*` stands for what others name). `kept` is what keeps its value over a restart of the
    managed thing, empty where nothing does: then the engine turns a kept value again.

    `disruptions` are those that its turns may have, `loss` what the worst of them (up or down) cannot bring back.
    """

    knob: str
    by: str
    kept: str = ""
    disruptions: tuple[Disruption, ...] = (Disruption.LIVE,)
    loss: Reversibility = Reversibility.REVERSIBLE

    def is_of(self, knob: Knob) -> bool:
        """Tell whether a knob is this one, with no more of interruption, loss and persistence than is declared."""
        worst = (knob.reversibility, knob.down or knob.reversibility)
        return (
            fnmatchcase(knob.name, self.knob)
            and knob.disruption in self.disruptions
            and all(_rank(each) <= _rank(self.loss) for each in worst)
            and (bool(self.kept) or not knob.persistent)
        )


@dataclass(frozen=True, slots=True)
class Capability:
    """One kind of managed thing, in one state of it. `senses` are the figures it may have from outside and
    `with_probe` those that a probe inside adds; `nothing` says why nothing is turned.

    `tested` names versions and what stands in for the real thing where it does; `proof` the test files, from the root of the
    sources; `document` the page that says more.
    """

    target: str
    senses: tuple[Metric, ...]
    tested: str
    proof: tuple[str, ...]
    turns: tuple[Turned, ...] = ()
    with_probe: tuple[Metric, ...] = ()
    document: str = ""
    nothing: str = ""


def _rank(reversibility: Reversibility) -> int:
    return list(Reversibility).index(reversibility)
