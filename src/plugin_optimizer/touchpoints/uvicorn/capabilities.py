"""What is sensed and turned of a uvicorn, as the documents tell it."""

from ...domain import OF_PROCESSES, OF_REQUESTS, Capability, Turned

_TESTED = "uvicorn 0.54"
_PROOF = ("tests/touchpoints/test_uvicorn_contract.py", "tests/touchpoints/test_uvicorn_live.py")

CAPABILITIES = (
    Capability(
        target="uvicorn with `--workers`",
        senses=OF_PROCESSES,
        with_probe=OF_REQUESTS,
        turns=(
            Turned("workers", "TTIN and TTOU to the parent"),
            Turned("*", "tunables of the application, by the probe's channel", "the channel"),
        ),
        tested=_TESTED,
        proof=_PROOF,
        document="UVICORN.md",
    ),
    Capability(
        target="uvicorn that serves alone",
        senses=OF_PROCESSES,
        tested=_TESTED,
        proof=_PROOF[1:],
        document="UVICORN.md",
        nothing="TTIN would stop it",
    ),
)
