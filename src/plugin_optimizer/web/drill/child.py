"""Starts the process that looks closely, and waits for its answer."""

import subprocess
import sys

import msgspec

from ..problem import Problem
from .asked import Asked, Found

MODULE = "plugin_optimizer.web.drill"
LIMIT_SECONDS = 300.0  # the libraries are compiled at each start: some seconds of CPU, more on a busy machine
COMMAND = ("nice", "-n", "10", sys.executable, "-m", MODULE)
EXTRA = "pip install 'plugin-optimizer[analysis]'"


def look_closely(asked: Asked) -> Found:
    """Return what was found. Raises Problem 501 where a library is missing, 503 where there was no answer in time."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own module
            COMMAND, input=msgspec.json.encode(asked), capture_output=True, timeout=LIMIT_SECONDS, check=True
        )
        found = msgspec.json.decode(done.stdout, type=Found)
    except subprocess.TimeoutExpired as error:
        raise Problem(
            503, "drill_too_long", f"it took more than {LIMIT_SECONDS:.0f} s; ask for a shorter time"
        ) from error
    except (OSError, subprocess.CalledProcessError, msgspec.DecodeError) as error:
        told = (getattr(error, "stderr", b"") or str(error).encode()).decode(errors="replace").strip()
        raise Problem(503, "drill_failed", f"the process that computes it failed: {told[-300:]}") from error
    if found.missing is not None:
        detail = f"{found.missing} is not installed here; {EXTRA}"
        raise Problem(501, "not_installed", detail, members={"install": EXTRA})
    return found
