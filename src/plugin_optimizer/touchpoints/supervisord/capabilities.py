"""What is sensed and turned of a group of supervisord, as the documents tell it."""

from ...domain import OF_PROCESSES, Capability, Metric, Turned

CAPABILITIES = (
    Capability(
        target="a group of supervisord",
        senses=(*OF_PROCESSES, Metric.FAILED_WORKERS),
        turns=(
            Turned(
                "processes",
                "XML-RPC, one process at a time; beyond `numprocs` by a file of ours",
                "what was added, by that file; what was stopped the engine stops again",
            ),
        ),
        tested="supervisord 4.3",
        proof=("tests/touchpoints/test_supervisord_contract.py", "tests/touchpoints/test_supervisord_live.py"),
        document="SUPERVISORD.md",
    ),
)
