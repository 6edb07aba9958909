"""What is sensed and turned of a Celery worker, as the documents tell it."""

from ...domain import OF_PROCESSES, Capability, Metric, Turned

_TESTED = "Celery 5.7 with redis-server 7.0"
_CONTRACT, _LIVE, _LIMITS = (f"tests/touchpoints/test_celery_{name}.py" for name in ("contract", "live", "limits_live"))
_RATE = Turned("rate_limit.*", "remote control, read back from what is registered")
_SENSES = (
    *OF_PROCESSES,
    Metric.QUEUE_LENGTH,
    Metric.QUEUE_WAIT_SECONDS,
    Metric.THROUGHPUT_PER_SECOND,
    Metric.REQUESTS,
    Metric.BUSY_RATIO,
    Metric.SERVICE_TIME_SECONDS,
)

CAPABILITIES = (
    Capability(
        target="Celery, prefork on Redis",
        senses=_SENSES,
        with_probe=(Metric.ERROR_RATIO,),
        turns=(
            Turned("workers", "remote control; fewer after a drain, by a process of its own"),
            Turned("autoscale_max", "remote control; below what runs after a drain"),
            Turned("autoscale_min", "remote control"),
            _RATE,
        ),
        tested=_TESTED,
        proof=(_CONTRACT, _LIVE, _LIMITS),
        document="CELERY.md",
    ),
    Capability(
        target="Celery, other pools on Redis",
        senses=_SENSES,
        with_probe=(Metric.ERROR_RATIO,),
        turns=(_RATE,),
        tested=f"{_TESTED}: solo and threads; gevent and eventlet not at all",
        proof=(_LIVE,),
        document="CELERY.md",
    ),
    Capability(
        target="Celery on RabbitMQ and other brokers",
        senses=OF_PROCESSES,
        tested="a real worker without its broker; RabbitMQ itself not at all",
        proof=(_LIMITS,),
        document="CELERY.md",
        nothing="queues are read and workers asked through Redis alone",
    ),
)
