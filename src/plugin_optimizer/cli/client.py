"""Talks to the API of a running server, with nothing but the standard library."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

import click

BASE = "/api/plugin-optimization"
DEFAULT_URL = "http://127.0.0.1:5000"
URL_VARIABLE, TOKEN_VARIABLE = "PLUGIN_OPTIMIZER_URL", "PLUGIN_OPTIMIZER_TOKEN"
CREDENTIALS = Path("var/demo/credentials.json")
TIMEOUT_SECONDS = 30.0
ANSWER_LIMIT_BYTES = 64 * 1024 * 1024
PART_BYTES = 64 * 1024
Taken = TypeVar("Taken")


class Unreachable(click.ClickException):
    """No answer came at all."""


class Declined(click.ClickException):
    """The server answered with a problem."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{detail} ({status} {code})")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Client:
    """A server's address, and the token to use there (None: the server may do without)."""

    url: str
    token: str | None
    lang: str = "en"
    timeout_seconds: float = TIMEOUT_SECONDS

    def get(self, path: str, query: Mapping[str, str | None] | None = None) -> Any:
        return self._ask("GET", path, query or {}, None)[0]

    def get_counted(self, path: str, query: Mapping[str, str | None]) -> tuple[Any, int | None]:
        """Return a page of a list, and how long the whole is where the server says so."""
        found, headers = self._ask("GET", path, query, None)
        total = headers.get("Total-Count")
        return found, None if total is None else int(total)

    def get_with_etag(self, path: str) -> tuple[Any, str]:
        """Return the answer and its ETag, which a change of the same thing has to send back."""
        found, headers = self._ask("GET", path, {}, None)
        return found, headers.get("ETag", "")

    def post(self, path: str, body: Mapping[str, object] | None = None, key: str | None = None) -> Any:
        """Ask for something; with a `key`, the server knows the same request again."""
        return self._ask("POST", path, {}, body, {} if key is None else {"Idempotency-Key": key})[0]

    def patch(self, path: str, body: Mapping[str, object], etag: str) -> Any:
        return self._ask("PATCH", path, {}, body, {"If-Match": etag})[0]

    def put(self, path: str, body: Mapping[str, object], etag: str | None) -> Any:
        """Make what is at a path (no etag), or replace it."""
        return self._ask("PUT", path, {}, body, {} if etag is None else {"If-Match": etag})[0]

    def download(self, path: str, query: Mapping[str, str | None], to: BinaryIO) -> int:
        """Write what is answered to a file as it comes; return its bytes."""
        request = self._request("GET", path, query, {"Accept": "*/*"})
        return _answered(request, self, lambda response: _copied(response, to))

    def delete(self, path: str, etag: str | None = None) -> Any:
        return self._ask("DELETE", path, {}, None, {} if etag is None else {"If-Match": etag})[0]

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | None],
        body: Mapping[str, object] | None,
        headers: Mapping[str, str] | None = None,
    ) -> "tuple[Any, Message]":
        request = self._request(method, path, query, {"Accept": "application/json", **(headers or {})})
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        return _answered(request, self, lambda response: (json.loads(_whole(response)), response.headers))

    def _request(self, method: str, path: str, query: Mapping[str, str | None], headers: Mapping[str, str]) -> Request:
        given = {"lang": self.lang, **{k: v for k, v in query.items() if v is not None}}
        request = Request(f"{self.url.rstrip('/')}{BASE}{quote(path)}?{urlencode(given)}", method=method)  # noqa: S310
        for name, value in headers.items():
            request.add_header(name, value)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        return request


def with_client(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --url, --token and --lang, and a `client` made of them."""

    @click.option("--url", envvar=URL_VARIABLE, help=f"Address of the server.  [default: {DEFAULT_URL}]")
    @click.option("--token", envvar=TOKEN_VARIABLE, help="API token; else the one of the demo here, if there is one.")
    @click.option("--lang", type=click.Choice(["ko", "en"]), default=None, help="Language of the texts.")
    @wraps(command)
    def wrapped(url: str | None, token: str | None, lang: str | None, **options: Any) -> Any:
        return command(client=find_client(url, token, lang), **options)

    return wrapped


def find_client(url: str | None, token: str | None, lang: str | None) -> Client:
    """Return a client: what is given, else the credentials that a demo in this directory left.

    The demo's token is only ever sent to the demo's own address.
    """
    left = _credentials()
    chosen = url or left.get("url") or DEFAULT_URL
    if urlsplit(chosen).scheme not in {"http", "https"}:
        raise click.UsageError(f"--url is {chosen!r}; expected http://… or https://…")
    if token is None and chosen.rstrip("/") == left.get("url", "").rstrip("/"):
        token = left.get("token")
    return Client(chosen, token, lang or language_of(os.environ))


def language_of(environment: Mapping[str, str]) -> str:
    """Return `ko` in a Korean locale, else `en`."""
    locale = next((v for n in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(n))), "")
    return "ko" if locale.startswith("ko") else "en"


def _credentials() -> Mapping[str, str]:
    try:
        found = json.loads(CREDENTIALS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _whole(response: Any) -> bytes:
    content: bytes = response.read(ANSWER_LIMIT_BYTES)
    return content


def _copied(response: Any, to: BinaryIO) -> int:
    size = 0
    while part := response.read(PART_BYTES):
        to.write(part)
        size += len(part)
    return size


def _answered(request: Request, client: Client, take: Callable[[Any], Taken]) -> Taken:
    try:
        with urlopen(request, timeout=client.timeout_seconds) as response:  # noqa: S310 - the scheme was checked
            return take(response)
    except HTTPError as error:
        raise _declined(error) from error
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise Unreachable(
            f"no server answers at {client.url} ({reason}); start it, or name another one by --url"
        ) from error
    except ValueError as error:
        raise Unreachable(f"what answers at {client.url} is no plugin-optimizer: its answer is not JSON") from error


def _declined(error: HTTPError) -> Declined:
    with error:
        try:
            problem = json.loads(error.read(ANSWER_LIMIT_BYTES))
            return Declined(error.code, str(problem["code"]), str(problem["detail"]))
        except (ValueError, KeyError, TypeError):
            return Declined(error.code, "no_problem_document", f"the server answered {error.code} {error.reason}")
