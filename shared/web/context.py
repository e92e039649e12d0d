"""What an app holds for all its requests, and what belongs to one of them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from flask import current_app, g, has_request_context

from shared.clock import Clock, utc_now
from shared.database import Database
from shared.metrics import Metrics
from shared.security.tokens import Verifier
from shared.service import Service
from shared.trace import Trace, new_trace
from shared.web.paging import Cursors
from shared.web.problems import STATUS

_EXTENSION = "rapport"


class Check(Protocol):
    """One thing that must be so before requests are taken; raises with a sentence if it is not."""

    name: str

    def __call__(self) -> None:
        """Return if all is well; the text of the exception is shown to operators."""


@dataclass(frozen=True, slots=True)
class ApiDependencies:
    """
    What an API is put together from.

    Args:
        inner_port: Where /livez, /readyz and /metrics answer; None: everywhere
            (an embedded clinic and tests have one listener).
        checks: Further conditions of readiness beside the database.
        threads: How many requests this process can work on at once.
        has_room: Tells whether the disk has room for changes; where it does not, they are refused early.
    """

    database: Database
    verifier: Verifier
    clock: Clock = utc_now
    metrics: Metrics = field(default_factory=Metrics)
    inner_port: int | None = None
    checks: Sequence[Check] = ()
    threads: int = 1
    has_room: Callable[[], bool] = lambda: True
    version: str = "0"
    commit: str = "unknown"


@dataclass(frozen=True, slots=True)
class Api:
    """One service with its parts, as every request of its app finds it."""

    service: Service
    parts: ApiDependencies
    cursors: Cursors
    errors: Mapping[type[Exception], int]


def install(service: Service, parts: ApiDependencies) -> Api:
    """The API of a service; its cursors are signed with a key that all its processes share."""
    vault = parts.database.vault
    secret = vault.blind("cursor", service.name) if vault else hashlib.sha256(service.name.encode()).digest()
    return Api(service, parts, Cursors(secret), {**STATUS, **service.errors})


def current_api() -> Api:
    return cast(Api, current_app.extensions[_EXTENSION])


def current_trace() -> Trace:
    """The thread of the current request; a fresh one outside of any."""
    if not has_request_context():
        return new_trace()
    if "trace" not in g:
        g.trace = new_trace()
    return cast(Trace, g.trace)
