"""What is sensed and turned of a unit of systemd, as the documents tell it."""

from ...domain import Capability, Disruption, Reversibility, Turned
from ..group_senses import OF_GROUPS

_BY = "set-property, one at a time, read back from the kernel's file"
_KEPT = "a drop-in of set-property"

CAPABILITIES = (
    Capability(
        target="a unit of systemd",
        senses=OF_GROUPS,
        turns=(
            Turned("CPUQuota", _BY, _KEPT),
            Turned("MemoryMax", _BY, _KEPT, loss=Reversibility.LOSSY),
            Turned("MemoryHigh", _BY, _KEPT, loss=Reversibility.LOSSY),
            Turned("ActiveState", "start and stop", "", (Disruption.RESTART,), Reversibility.LOSSY),
            Turned(
                "life",
                "one restart; the value names the present life",
                "",
                (Disruption.RESTART,),
                Reversibility.IRREVERSIBLE,
            ),
        ),
        tested="systemd 252 on cgroups of version 1 (`make test-live-extra`); version 2 and MemoryHigh on recorded files alone",
        proof=("tests/touchpoints/test_systemd_contract.py", "tests/touchpoints/test_systemd_live.py"),
        document="SYSTEMD.md",
    ),
)
