"""What is sensed and turned of a gunicorn, as the documents tell it."""

from ...domain import OF_PROCESSES, OF_REQUESTS, Capability, Disruption, Turned

_RELOAD = "config file and HUP, refused where that would do more"
_FILE = "the config file, which decides"

CAPABILITIES = (
    Capability(
        target="gunicorn",
        senses=OF_PROCESSES,
        with_probe=OF_REQUESTS,
        turns=(
            Turned("workers", "control socket; TTIN and TTOU where there is none", "the config file, where it decides"),
            Turned("threads", _RELOAD, _FILE, (Disruption.RELOAD,)),
            Turned("timeout", _RELOAD, _FILE, (Disruption.RELOAD,)),
            Turned("keepalive", _RELOAD, _FILE, (Disruption.RELOAD,)),
            Turned("*", "tunables of the application, by the probe's channel", "the channel"),
        ),
        tested="gunicorn 27.0.1, sync and gthread",
        proof=(
            "tests/touchpoints/test_gunicorn_contract.py",
            "tests/touchpoints/test_gunicorn_live.py",
            "tests/touchpoints/test_gunicorn_reload.py",
        ),
        document="GUNICORN.md",
    ),
)
