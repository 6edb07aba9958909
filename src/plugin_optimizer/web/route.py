"""A route as a value: from the table of routes follow the URL map, the authorisation and openapi.json."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import msgspec
from flask import Response

from ..contracts import User
from .system import SystemLike

BASE = "/api/plugin-optimization"


class Role(IntEnum):
    """Who may call a route; each role may do what the ones below it may."""

    NOBODY = 0
    SENDER = 1  # may push figures, and see nothing
    VIEWER = 2
    OPERATOR = 3
    ADMIN = 4


class Strict(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Base of all query strings and request bodies: an unknown field is refused."""


class Nothing(Strict, frozen=True, kw_only=True):
    """Takes no fields."""


@dataclass(frozen=True, slots=True)
class Call:
    """Everything of one request that a handler may need. `now` is in Unix seconds."""

    system: SystemLike
    user: User | None
    now: float
    lang: str
    headers: Mapping[str, str] = field(default_factory=dict)
    person: bool = False  # somebody who logged in, as opposed to a token or a server without login
    token: str | None = None  # the name of the token that was sent

    @property
    def actor(self) -> str:
        return self.user.name if self.user else "nobody"


@dataclass(frozen=True, slots=True)
class Answer:
    """A value to be sent as JSON."""

    value: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Answer | Response]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path. `handler(call, query, body, **path)` takes what the route declares, by name.

    `answers` is the type of the value sent, from which the schema follows; `media` another media type than JSON.
    `seed_errors` adds the seed's `success` and `message` to problems. `takes` is the body's type where the handler reads
    it by itself, within limits of its own.
    """

    method: str
    path: str
    role: Role
    handler: Handler
    summary: str
    answers: Any
    query: type[Strict] = Nothing
    body: type[Strict] | None = None
    status: int = 200
    media: str = "application/json"
    seed_errors: bool = False
    takes: Any = None

    @property
    def name(self) -> str:
        """Return the endpoint within the Blueprint and the operationId."""
        return self.handler.__name__

    @property
    def rule(self) -> str:
        return BASE + self.path

    @property
    def unsafe(self) -> bool:
        return self.method not in {"GET", "HEAD"}
