"""The application of scenarios whose fault lies outside it: it does what a request asks for, and nothing else."""

import os
from collections.abc import Callable, Iterable

from plugin_optimizer.probe import instrument

from .work import asked, work


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    work(*asked(environ))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]


app = instrument(serve, plugin=os.environ.get("SERVICE", "plain"))
