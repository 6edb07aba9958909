"""An operator's own HTTP endpoint: each request signed, with the name of its order, within a time and a size."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from ...contracts.signature import HEADER, sign
from ...domain import Unobservable
from ...http_exchange import HttpAnswer, HttpRequest, Limits, exchange
from ..named_secret import named_secret
from .documents import Question
from .receiver import MOST_ANSWER_BYTES, Outcome, Reply
from .settings import WebhookSettings

KEY_HEADER = "Idempotency-Key"
OK, CONFLICT, GONE, UNPROCESSABLE = 200, 409, 410, 422
OUTCOMES = {OK: Outcome.DONE, CONFLICT: Outcome.REFUSED, UNPROCESSABLE: Outcome.REFUSED, GONE: Outcome.ABSENT}
UNKNOWN_TO_IT = {401: "; are its secret and its clock ours?", 403: "; are its secret and its clock ours?"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask. `clock` tells Unix seconds: the time that is signed is the receiver's to compare with its own."""

    settings: WebhookSettings
    clock: Callable[[], float] = time.time

    def ask(self, question: Question, order: str) -> Reply:
        body = msgspec.json.encode(question)
        headers = {"Content-Type": "application/json; charset=utf-8", HEADER: sign(self._secret(), body, self.clock())}
        if order:
            headers[KEY_HEADER] = order
        request = HttpRequest("POST", self.settings.url, body, headers)
        limits = Limits(self.settings.timeout_seconds, MOST_ANSWER_BYTES)
        return _reply(exchange(request, limits, self._trust()))

    def _secret(self) -> str:
        secret = named_secret("secret", self.settings.secret, self.settings.secret_file)
        if not secret:
            raise Unobservable("the secret that signs its requests is empty")
        return secret

    def _trust(self) -> ssl.SSLContext | None:
        if not self.settings.ca_file:
            return None
        try:
            return ssl.create_default_context(cafile=self.settings.ca_file)
        except OSError as error:
            raise Unobservable(f"the ca_file {self.settings.ca_file} cannot be read: {error}") from error


def _reply(answer: HttpAnswer) -> Reply:
    outcome = OUTCOMES.get(answer.status, Outcome.FAILED)
    moved = "; redirects are not followed" if 300 <= answer.status < 400 else ""
    return Reply(outcome, answer.body, answer.shown + moved + UNKNOWN_TO_IT.get(answer.status, ""))
