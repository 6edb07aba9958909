"""A Celery application whose one task waits and computes as it is told, and writes down when it began and ended."""

import os
import time
from pathlib import Path

from celery import Celery

DONE = Path(os.environ.get("ROOM", "/tmp")) / f"{os.environ.get('SERVICE', 'queue')}.done"

app = Celery("benchmarks.closed_loop.queue_app")
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task(name="work")
def work(number: int, io_seconds: float, cpu_seconds: float) -> None:
    """Append `number began ended` (Unix seconds): a line this short is written whole."""
    began = time.time()
    time.sleep(io_seconds)
    until = time.thread_time() + cpu_seconds
    while time.thread_time() < until:
        pass
    with DONE.open("a") as file:
        file.write(f"{number} {began:.6f} {time.time():.6f}\n")
