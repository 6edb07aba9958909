"""Asks one HTTP server that the configuration names for figures: within a time and a size, and without following anybody."""

import http
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ...domain import Unobservable
from ...http_exchange import HttpRequest, Limits, exchange

TOTAL_SECONDS = 10.0


def fetch(url: str, most_bytes: int, bearer_file: str = "", form: bytes | None = None, accept: str = "*/*") -> bytes:
    """Return the body of the answer to a GET, or to a POST of `form`; at most `most_bytes` of it.

    Raises Gone where nobody listens at that address, Unobservable for everything else that is no whole answer 200.
    """
    method = "GET" if form is None else "POST"
    request = HttpRequest(method, url, form, _headers(bearer_file, accept, form))
    answer = exchange(request, Limits(TOTAL_SECONDS, most_bytes, "metrics_in.inflated_bytes"))
    if answer.status != http.HTTPStatus.OK:
        moved = "; redirects are not followed" if 300 <= answer.status < 400 else ""
        raise Unobservable(f"{urlsplit(url).netloc} answered {answer.shown}{moved}")
    return answer.body


def _headers(bearer_file: str, accept: str, form: bytes | None) -> Mapping[str, str]:
    headers = {"Accept": accept}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if bearer_file:
        try:
            headers["Authorization"] = f"Bearer {Path(bearer_file).expanduser().read_text(encoding='ascii').strip()}"
        except (OSError, UnicodeDecodeError) as error:
            raise Unobservable(f"the bearer_file {bearer_file} cannot be read: {error}") from error
    return headers
