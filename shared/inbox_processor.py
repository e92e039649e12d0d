"""Hearing: events become commands, inside a transaction that somebody else opens and commits."""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared import inbox
from shared.clock import Clock
from shared.database import Tx
from shared.envelope import Message, Undecodable, from_record
from shared.eventlog.interface import Record
from shared.inbox import EventId, Story, Subject
from shared.log_start import Beginnings
from shared.metrics_pipeline import PipelineMetrics
from shared.parking import store
from shared.service import Handler
from shared.trace import continue_trace


class Outcome(StrEnum):
    """What became of an event; a label of `events_consumed_total`."""

    OK = "ok"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    RETRIED = "retried"
    PARKED = "parked"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Heard:
    """A record with the event in it, or with the reason why it holds none."""

    record: Record
    message: Message | None
    refused: Undecodable | None = None

    @property
    def key(self) -> store.Key:
        """What is parked when this event fails; an empty key stands for none."""
        return store.key_of(self.record)


class Transactions(Protocol):
    """Where transactions are opened: `shared.database.Database` is it."""

    def transaction(self) -> AbstractContextManager[Tx]:
        """One transaction, committed at the end of the block."""


class Memory(Protocol):
    """What has been heard before: the module `shared.inbox` is it."""

    def keep_ids(self, tx: Tx, consumer: str, messages: Iterable[Message], *, now: datetime) -> set[EventId]:
        """Record ids; returns the new ones."""

    def stories(self, tx: Tx, consumer: str, messages: Iterable[Message]) -> dict[Subject, Story]:
        """How far stories have been heard."""

    def keep_stories(self, tx: Tx, consumer: str, heard: Mapping[Subject, Story]) -> None:
        """Record how far they have."""


def hear(record: Record) -> Heard:
    """Decode a record; never raises."""
    try:
        return Heard(record, from_record(record))
    except Undecodable as error:
        return Heard(record, None, error)
    except Exception as error:  # noqa: BLE001 - whatever a stranger wrote, it is that record's fault and stops no other
        return Heard(record, None, Undecodable(f"not an event ({type(error).__name__})"))


class Hearing:
    """
    One service's ears: its handlers with inbox and sequence check before them.

    Args:
        group: Name of the consumer group, also the `consumer` of inbox and parking.
        handlers: Event type -> handler. Other types are ignored, but their sequence is kept,
            or they would look like gaps.
        beginnings: Where the group began to read (see `shared.log_start`).
        memory, parking: Where it is kept what was heard, and what failed; PostgreSQL but in the simulation.
    """

    def __init__(
        self,
        group: str,
        handlers: Mapping[str, Handler],
        database: Transactions,
        clock: Clock,
        metrics: PipelineMetrics,
        beginnings: Beginnings,
        *,
        memory: Memory = inbox,
        parking: store.Parking = store,
    ) -> None:
        self.group = group
        self.handlers = handlers
        self.database = database
        self.clock = clock
        self.metrics = metrics
        self.beginnings = beginnings
        self.parking = parking
        self._memory = memory

    def apply(self, tx: Tx, heard: Sequence[Heard]) -> list[Outcome]:
        """
        Let the events take effect in this transaction, in order; one outcome for each.

        Raises:
            Undecodable, SequenceGap, BeforeBeginning: an event cannot be handled now.
            Exception: whatever a handler raised. The caller rolls back in every case.
        """
        messages = [_message(one) for one in heard]
        now = self.clock()
        fresh = self._memory.keep_ids(tx, self.group, messages, now=now)
        known = self._memory.stories(tx, self.group, messages)

        def begins_anywhere(index: int) -> bool:
            return self.beginnings.may_be_in_the_middle(tx, heard[index].record)

        plan = inbox.plan(messages, fresh, known, begins_anywhere)
        outcomes = [
            self._handle(tx, message) if handle else Outcome.DUPLICATE
            for message, handle in zip(messages, plan.handle, strict=True)
        ]
        self._memory.keep_stories(tx, self.group, plan.stories)
        tx.flush()  # a failing event fails here, where it can be parked, not at the commit
        return outcomes

    def _handle(self, tx: Tx, message: Message) -> Outcome:
        handler = self.handlers.get(message.type)
        if handler is None:
            return Outcome.IGNORED
        began = time.perf_counter()
        trace = continue_trace(message.trace.traceparent, message.trace.tracestate, cause=message.id)
        own = tx.following(trace)
        ended = "failed"
        try:
            handler(own, message, now=self.clock())
            ended = "ok"
        finally:
            self.metrics.handled(self.group, message.type, ended, time.perf_counter() - began)
        return Outcome.OK

    def count(self, heard: Heard, outcome: Outcome) -> None:
        """Count an event whose outcome has been committed."""
        kind = heard.message.type if heard.message else "undecodable"
        if heard.message and heard.message.type not in self.handlers:
            kind = "other"  # a stranger may send any type: no label of its own for each
        late = None
        if outcome is Outcome.OK and heard.message:
            late = (self.clock() - heard.message.time).total_seconds()
        self.metrics.consumed(self.group, kind, outcome.value, late)


def _message(heard: Heard) -> Message:
    if heard.message is None:
        raise heard.refused or Undecodable("no event")
    return heard.message
