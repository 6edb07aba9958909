"""What is sensed and turned of a container of Docker, as the documents tell it."""

from ...domain import Capability, Disruption, Metric, Reversibility, Turned
from ..group_senses import OF_GROUPS

_BY = "the Engine's update over its UNIX socket, read back by inspect and from the kernel"
_KEPT = "the container, over restarts; not when it is made anew"

CAPABILITIES = (
    Capability(
        target="a container of Docker",
        senses=(*OF_GROUPS, Metric.HEALTHY),
        turns=(
            Turned("cpu_percent", _BY, _KEPT),
            Turned("memory_bytes", _BY, _KEPT, loss=Reversibility.LOSSY),
            Turned("state", "start and stop", "", (Disruption.RESTART,), Reversibility.LOSSY),
            Turned(
                "life",
                "one restart; the value names the present life",
                "",
                (Disruption.RESTART,),
                Reversibility.IRREVERSIBLE,
            ),
        ),
        tested="dockerd 20.10 on cgroups of version 1 (`make test-live-extra`); version 2 and newer engines by their documented answers alone",
        proof=("tests/touchpoints/test_docker_contract.py", "tests/touchpoints/test_docker_live.py"),
        document="DOCKER.md",
    ),
)
