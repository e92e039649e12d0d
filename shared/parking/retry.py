"""Trying parked events again: the head of each key first, then in order what has queued behind it."""

import random
from collections.abc import Sequence
from datetime import datetime

import structlog

from shared.database import Tx
from shared.envelope import Message
from shared.faults import INVALID, TRANSIENT, fault_of
from shared.inbox import SequenceGap, subject_of
from shared.inbox_processor import Hearing, Outcome, hear
from shared.parking import store
from shared.parking.schedule import next_delay
from shared.parking.store import Key, Parked

_log = structlog.get_logger(__name__)


class Retries:
    """The retry loop's work for one consumer group. Several workers may do it at the same time."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing

    def run_due(self) -> int:
        """
        Try everything whose time has come; returns the number of events resolved.

        Raises:
            DatabaseUnavailable, psycopg errors of TRANSIENT: at least one key could not be
                tried, and no attempt was counted for it.
        """
        group, now = self._hearing.group, self._hearing.clock()
        with self._hearing.database.transaction() as tx:
            keys = store.due_keys(tx, group, now=now)
            keyless = store.due_without_key(tx, group, now=now)
        resolved = 0
        hindered: Exception | None = None
        for key in keys:
            try:
                with self._hearing.database.transaction() as tx:
                    if store.lock_if_free(tx, group, key):
                        resolved += self._drain(tx, key, now)
            except TRANSIENT as error:  # a lock that one key waits for must not hold up the others
                hindered = error
        for event_id in keyless:
            with self._hearing.database.transaction() as tx:
                event = store.by_id(tx, event_id)
                if event is not None and event.state == "retrying":
                    resolved += self._attempt(tx, event, now) is None
        if hindered is not None:
            raise hindered
        return resolved

    def next_due(self) -> datetime | None:
        """When the next attempt is due; None if nothing is parked for a retry."""
        with self._hearing.database.transaction() as tx:
            return store.next_due(tx, self._hearing.group)

    def _drain(self, tx: Tx, key: Key, now: datetime) -> int:
        """Handle the open events of a key, whose row is held, until one fails."""
        events = store.open_events(tx, self._hearing.group, key)
        resolved = 0
        while events and events[0].is_due(now):
            event = events[0]
            failure = self._attempt(tx, event, now)
            if isinstance(failure, SequenceGap):
                filler = _filler(events[1:], failure, now)
                if filler is None:
                    break
                event, failure = filler, self._attempt(tx, filler, now)
            if failure is not None:
                break
            events.remove(event)
            resolved += 1
        store.unpark_if_empty(tx, self._hearing.group, key)
        return resolved

    def _attempt(self, tx: Tx, event: Parked, now: datetime) -> Exception | None:
        """Try one event under a savepoint; returns what went wrong, which has been written down."""
        heard = hear(event.record)
        try:
            with tx.savepoint():
                outcome = self._hearing.apply(tx, [heard])[0]
                store.resolve(tx, event, "done", by="retry", reason=None, now=now)
        except TRANSIENT:
            raise
        except Exception as error:  # noqa: BLE001 - the next attempt, or a person, deals with it
            self._failed(tx, event, error, now)
            return error
        self._hearing.count(heard, outcome if outcome is not Outcome.PARKED else Outcome.OK)
        return None

    def _failed(self, tx: Tx, event: Parked, error: Exception, now: datetime) -> None:
        if isinstance(error, SequenceGap):
            store.failed_again(tx, event, fault_of(error), attempts=event.attempts, next_attempt_at=None)
            return
        attempts = event.attempts + 1
        delay = None if isinstance(error, INVALID) else next_delay(attempts, random.random())  # noqa: S311 - jitter
        fault = fault_of(error)
        store.failed_again(tx, event, fault, attempts=attempts, next_attempt_at=now + delay if delay else None)
        _log.warning(
            "a parked event failed again",
            group=self._hearing.group,
            topic=event.record.topic,
            attempts=attempts,
            error_class=fault.error_class,
            error=fault.error,
        )


def _filler(behind: Sequence[Parked], gap: SequenceGap, now: datetime) -> Parked | None:
    """The queued event that closes the gap, if it has come and may be tried."""
    for event in behind:
        message = hear(event.record).message
        if message is not None and _closes(message, gap):
            return event if event.is_due(now) else None
    return None


def _closes(message: Message, gap: SequenceGap) -> bool:
    return subject_of(message) == gap.subject and message.sequence == gap.expected
