"""What a service is made of; `app.py` of each service fills this in, everything that runs reads it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from flask import Blueprint

from shared.database.tx import Tx
from shared.envelope import Message
from shared.metrics import Metric


class Handler(Protocol):
    """Translates one heard event into a command; does no I/O but SQL through `tx`."""

    def __call__(self, tx: Tx, message: Message, *, now: datetime) -> None:
        """Act on the message; any exception parks it (docs/events.md)."""


@dataclass(frozen=True, slots=True)
class Job:
    """
    Something that happens because time passes; run by one worker at a time.

    `run` may return gauges (without labels, or with the service's name alone) that it found out; the worker shows them.
    """

    name: str
    every: timedelta
    run: Callable[[Tx, datetime], Mapping[Metric, float] | None]


@dataclass(frozen=True, slots=True)
class Service:
    """
    One service: its name, its API, what it hears, what it does on its own.

    `errors` maps the service's exceptions to HTTP status codes; `migrations` is the
    package with its SQL files. `handlers` maps event types to handlers; the topics follow
    from the types. `trusts` says which issuers of tokens may lend which roles here.
    """

    name: str
    title: str
    api: Blueprint
    errors: Mapping[type[Exception], int]
    migrations: str
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    jobs: Sequence[Job] = ()
    trusts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """The topic that this service alone writes."""
        return f"rapport.{self.name}"

    @property
    def listens_to(self) -> tuple[str, ...]:
        """The topics of the event types it hears."""
        return tuple(sorted({".".join(kind.split(".")[:2]) for kind in self.handlers}))
