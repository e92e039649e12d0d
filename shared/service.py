"""What a service is made of; `app.py` of each service fills this in, everything that runs reads it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from flask import Blueprint

from shared.access import Rule
from shared.database.tx import Tx
from shared.envelope import Message
from shared.metrics import Metric
from shared.scope import Scope


class Handler(Protocol):
    """Translates one heard event into a command; does no I/O but SQL through `tx`."""

    def __call__(self, tx: Tx, message: Message, *, now: datetime) -> None:
        """Act on the message; any exception parks it (docs/events.md)."""


Relations = Callable[[Tx, Scope, Rule, datetime], Scope]


def no_relations(_tx: Tx, scope: Scope, _rule: Rule, _now: datetime) -> Scope:
    """For a service in which nobody stands to anything but by role."""
    return scope


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
    `relations` completes the scope of a request by how the asker stands to others now,
    as far as the rule of the operation counts it.
    """

    name: str
    title: str
    api: Blueprint
    errors: Mapping[type[Exception], int]
    migrations: str
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    jobs: Sequence[Job] = ()
    trusts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    relations: Relations = no_relations

    @property
    def topic(self) -> str:
        """The topic that this service alone writes."""
        return f"rapport.{self.name}"

    @property
    def listens_to(self) -> tuple[str, ...]:
        """The topics of the event types it hears."""
        return tuple(sorted({".".join(kind.split(".")[:2]) for kind in self.handlers}))
