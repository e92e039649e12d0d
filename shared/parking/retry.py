"""Trying parked events again: the head of each key first, then in order what has queued behind it."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from shared.database import Tx
from shared.envelope import Message
from shared.eventlog.interface import EventLog, OffsetOutOfRange, Record, UnknownTopic
from shared.faults import AWAY, GIVEN_UP, INVALID, TRANSIENT, fault_of
from shared.inbox import BeforeBeginning, SequenceGap, subject_of
from shared.inbox_processor import Hearing, Outcome, hear
from shared.parking.schedule import next_delay
from shared.parking.store import GAP, Key, Parked, digest_of

READ_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class OriginalGone(Exception):
    """The record was too large to keep, and the log no longer has it at its place."""


_FOR_GOOD = (*INVALID, BeforeBeginning, OriginalGone)  # waits for a person at once


class Retries:
    """The retry loop's work for one consumer group. Several workers may do it at the same time."""

    def __init__(self, hearing: Hearing, log: EventLog) -> None:
        self._hearing = hearing
        self._parking = hearing.parking
        self._eventlog = log
        self._trying: Parked | None = None

    def run_due(self) -> int:
        """
        Try everything whose time has come; returns the number of events resolved.

        Raises:
            LogError, DatabaseUnavailable, psycopg errors of TRANSIENT: at least one key could not be
                tried. An attempt was counted if the database works otherwise.
        """
        group, now = self._hearing.group, self._hearing.clock()
        with self._hearing.database.transaction() as tx:
            keys = self._parking.due_keys(tx, group, now=now)
            keyless = self._parking.due_without_key(tx, group, now=now)
        resolved = 0
        hindered: Exception | None = None
        for key in keys:
            self._trying = None
            try:
                with self._hearing.database.transaction() as tx:
                    if self._parking.lock_if_free(tx, group, key):
                        resolved += self._drain(tx, key, now)
            except TRANSIENT as error:  # a lock that one key waits for must not hold up the others
                hindered = error
                self._count_lost(error, now)
        for event_id in keyless:
            self._trying = None
            try:
                with self._hearing.database.transaction() as tx:
                    event = self._parking.by_id(tx, event_id)
                    if event is not None and event.state == "retrying":
                        resolved += self._attempt(tx, event, now) is None
            except TRANSIENT as error:
                hindered = error
                self._count_lost(error, now)
        if hindered is not None:
            raise hindered
        return resolved

    def next_due(self) -> datetime | None:
        """When the next attempt is due; None if nothing is parked for a retry."""
        with self._hearing.database.transaction() as tx:
            return self._parking.next_due(tx, self._hearing.group)

    def _count_lost(self, error: Exception, now: datetime) -> None:
        """An attempt over which the connection was lost counts too, if there is a database to write it down in."""
        if self._trying is None or isinstance(error, AWAY):
            return
        try:
            with self._hearing.database.transaction() as tx:
                event = self._parking.by_id(tx, self._trying.id)
                if event == self._trying:  # nobody else has tried it meanwhile
                    self._failed(tx, event, error, now)
        except TRANSIENT:
            return

    def _drain(self, tx: Tx, key: Key, now: datetime) -> int:
        """Handle the open events of a key, whose row is held, until one fails."""
        events = self._parking.open_events(tx, self._hearing.group, key)
        resolved = 0
        ready = _head_is_ready(events, now)
        while ready:
            event, fills = events[0], False
            failure = self._attempt(tx, event, now)
            if isinstance(failure, SequenceGap):
                filler = _filler(events[1:], failure, now)
                if filler is None:
                    break
                event, fills, failure = filler, True, self._attempt(tx, filler, now)
            if failure is not None:
                break
            events.remove(event)
            resolved += 1
            ready = bool(events) and (fills or _head_is_ready(events, now))
        self._parking.unpark_if_empty(tx, self._hearing.group, key)
        return resolved

    def _attempt(self, tx: Tx, event: Parked, now: datetime) -> Exception | None:
        """Try one event under a savepoint; returns what went wrong, which has been written down."""
        self._trying = event
        try:
            heard = hear(self._original(event))
            with tx.savepoint():
                outcome = self._hearing.apply(tx, [heard])[0]
                self._parking.resolve(tx, event, "done", by="retry", reason=None, now=now)
        except Exception as error:
            if isinstance(error, TRANSIENT) and not isinstance(error, GIVEN_UP):
                raise
            self._failed(tx, event, error, now)
            self._trying = None
            return error
        self._trying = None
        self._hearing.count(heard, outcome if outcome is not Outcome.PARKED else Outcome.OK)
        return None

    def _original(self, event: Parked) -> Record:
        """The record as it was read; from the log, where it was too large to be kept."""
        if event.whole:
            return event.record
        place = (event.record.topic, event.record.partition)
        try:
            reader = self._eventlog.reader([event.record.topic])
            try:
                if place not in reader.assignment():
                    raise OriginalGone
                reader.pause(sorted(reader.assignment() - {place}))
                reader.seek(place, event.record.offset)
                until = time.monotonic() + READ_SECONDS
                found: list[Record] = []
                while not found and time.monotonic() < until:
                    found = reader.poll(1.0, 1)
            finally:
                reader.close()
        except (OffsetOutOfRange, UnknownTopic) as error:
            raise OriginalGone from error
        if not found or digest_of(found[0]) != event.digest:
            raise OriginalGone
        return replace(found[0], timestamp_ms=event.record.timestamp_ms)

    def _failed(self, tx: Tx, event: Parked, error: Exception, now: datetime) -> None:
        if isinstance(error, SequenceGap):
            self._parking.failed_again(tx, event, fault_of(error), attempts=event.attempts, next_attempt_at=None)
            return
        attempts = event.attempts + 1
        delay = None if isinstance(error, _FOR_GOOD) else next_delay(attempts, random.random())  # noqa: S311 - jitter
        fault = fault_of(error)
        self._parking.failed_again(tx, event, fault, attempts=attempts, next_attempt_at=now + delay if delay else None)
        _log.warning(
            "a parked event failed again",
            group=self._hearing.group,
            topic=event.record.topic,
            attempts=attempts,
            error_class=fault.error_class,
            error=fault.error,
        )


def _head_is_ready(events: Sequence[Parked], now: datetime) -> bool:
    """Whether the first of a key's events may be tried, or waits for one behind it whose own time has come."""
    if not events or events[0].is_due(now):
        return bool(events)
    waits = events[0].state == "waiting" and events[0].error_class == GAP
    return waits and any(event.state == "retrying" and event.is_due(now) for event in events[1:])


def _filler(behind: Sequence[Parked], gap: SequenceGap, now: datetime) -> Parked | None:
    """The queued event that closes the gap, if it has come and may be tried."""
    for event in behind:
        message = hear(event.record).message
        if message is not None and _closes(message, gap):
            return event if event.is_due(now) else None
    return None


def _closes(message: Message, gap: SequenceGap) -> bool:
    return subject_of(message) == gap.subject and message.sequence == gap.expected
