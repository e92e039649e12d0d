"""Hearing: events become commands, inside a transaction that somebody else opens and commits."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared import inbox
from shared.clock import Clock
from shared.database import Database, Tx
from shared.envelope import Message, Undecodable, from_record
from shared.eventlog.interface import Record
from shared.inbox import SequenceGap, Verdict
from shared.metrics_pipeline import PipelineMetrics
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
    def key(self) -> tuple[str, bytes]:
        """What is parked when this event fails; an empty key stands for none."""
        return self.record.topic, self.record.key or b""


def hear(record: Record) -> Heard:
    """Decode a record; never raises."""
    try:
        return Heard(record, from_record(record))
    except Undecodable as error:
        return Heard(record, None, error)


class Hearing:
    """
    One service's ears: its handlers with inbox and sequence check before them.

    Args:
        group: Name of the consumer group, also the `consumer` of inbox and parking.
        handlers: Event type -> handler. Other types are ignored, but their sequence is kept,
            or they would look like gaps.
        begins_anywhere: Tells whether the story of an aggregate never heard of may begin with
            this record although it is not its first (see `shared.log_start`).
    """

    def __init__(
        self,
        group: str,
        handlers: Mapping[str, Handler],
        database: Database,
        clock: Clock,
        metrics: PipelineMetrics,
        begins_anywhere: Callable[[Record], bool],
    ) -> None:
        self.group = group
        self.handlers = handlers
        self.database = database
        self.clock = clock
        self.metrics = metrics
        self._begins_anywhere = begins_anywhere

    def apply(self, tx: Tx, heard: Sequence[Heard]) -> list[Outcome]:
        """
        Let the events take effect in this transaction, in order; one outcome for each.

        Raises:
            Undecodable, SequenceGap: an event cannot be handled now.
            Exception: whatever a handler raised. The caller rolls back in every case.
        """
        messages = [_message(one) for one in heard]
        now = self.clock()
        fresh = inbox.keep_ids(tx, self.group, messages, now=now)
        have = inbox.sequences(tx, self.group, messages)
        moved: dict[inbox.Subject, int] = {}
        outcomes: list[Outcome] = []
        for one, message in zip(heard, messages, strict=True):
            subject = inbox.subject_of(message)
            verdict = _judge_new(message, fresh, have.get(subject, 0))
            if verdict is Verdict.GAP and not (subject not in have and self._begins_anywhere(one.record)):
                raise SequenceGap(subject, have.get(subject, 0) + 1)
            if verdict is Verdict.DUPLICATE:
                outcomes.append(Outcome.DUPLICATE)
                continue
            if message.sequence is not None:
                have[subject] = moved[subject] = message.sequence
            outcomes.append(self._handle(tx, message))
        inbox.keep_sequences(tx, self.group, moved)
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


def _judge_new(message: Message, fresh: set[inbox.EventId], have: int) -> Verdict:
    """The verdict over an event: its id first, then its sequence. An id counts as fresh once."""
    identity = inbox.event_id(message)
    if identity not in fresh:
        return Verdict.DUPLICATE
    fresh.discard(identity)
    return inbox.judge(have, message.sequence)


def _message(heard: Heard) -> Message:
    if heard.message is None:
        raise heard.refused or Undecodable("no event")
    return heard.message
