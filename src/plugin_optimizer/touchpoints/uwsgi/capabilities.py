"""What is sensed and turned of a uWSGI, as the documents tell it."""

from ...domain import OF_PROCESSES, OF_REQUESTS, Capability, Disruption, Metric, Turned

_RELOAD = "ini file and reload, which may drop a request"
_FILE = "the ini file"
_INTERRUPTS = (Disruption.RESTART,)

CAPABILITIES = (
    Capability(
        target="uWSGI",
        senses=(
            *OF_PROCESSES,
            Metric.REQUESTS,
            Metric.THROUGHPUT_PER_SECOND,
            Metric.RESPONSE_TIME_SECONDS,
            Metric.SERVICE_TIME_SECONDS,
            Metric.QUEUE_WAIT_SECONDS,
            Metric.BUSY_RATIO,
        ),
        with_probe=OF_REQUESTS,
        turns=(
            Turned("workers", "master FIFO; else ini file and reload", _FILE, (Disruption.LIVE, Disruption.RESTART)),
            Turned("processes", _RELOAD, _FILE, _INTERRUPTS),
            Turned("cheaper", _RELOAD, _FILE, _INTERRUPTS),
            Turned("threads", _RELOAD, _FILE, _INTERRUPTS),
            Turned("harakiri", _RELOAD, _FILE, _INTERRUPTS),
            Turned("max-requests", _RELOAD, _FILE, _INTERRUPTS),
            Turned("*", "tunables of the application, by the probe's channel", "the channel"),
        ),
        tested="uWSGI 2.0.21 (Debian); 2.0.31 by hand",
        proof=("tests/touchpoints/test_uwsgi_contract.py", "tests/touchpoints/test_uwsgi_live.py"),
        document="UWSGI.md",
    ),
)
