"""What the applications of scenarios do with a request: wait as long as, and burn as much CPU as, it asks for."""

import time
from urllib.parse import parse_qs


def asked(environ: dict[str, object]) -> tuple[float, float]:
    """Return the seconds of waiting and of CPU that the query string names (`io`, `cpu`)."""
    query = parse_qs(str(environ.get("QUERY_STRING", "")))
    io, cpu = (float(query.get(name, ["0"])[0]) for name in ("io", "cpu"))
    return io, cpu


def burn(seconds: float) -> None:
    """Use that much CPU time of this thread."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(200))


def work(io_seconds: float, cpu_seconds: float) -> None:
    """Burn half, wait, burn the other half: as a handler does around a call."""
    burn(cpu_seconds / 2)
    if io_seconds:
        time.sleep(io_seconds)
    burn(cpu_seconds / 2)
