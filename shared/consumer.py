"""
Consumer: reads the log in batches and lets each event take effect once, in the order of its key.

Poll, one transaction for up to 100 events, commit it, then commit the offsets. If anything
in a batch goes wrong it is rolled back and done again one event a transaction, so that
a poisoned event stands alone: it is parked with its key, and all others go on.
"""

import random
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from shared.eventlog.interface import (
    CommitRefused,
    EventLog,
    LogUnavailable,
    OffsetOutOfRange,
    Record,
    Subscription,
    TopicPartition,
)
from shared.faults import INVALID, TRANSIENT, Backoff, fault_of
from shared.heartbeat import LASTS, Heartbeat, no_heartbeat
from shared.inbox import SequenceGap
from shared.inbox_processor import Heard, Hearing, Outcome, hear
from shared.parking import schedule, store
from shared.parking.schedule import Limits

BATCH = 100  # events a transaction
POLL = 500  # events a poll, after which the offsets are committed
POLL_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Consumer:
    """
    One member of a service's consumer group. Used by one thread.

    `positions` and `oldest_ms` are read by others for the lag: the next offset to handle
    of each partition, and the log's time of the oldest event in hand.
    """

    def __init__(self, hearing: Hearing, log: EventLog, topics: Sequence[str]) -> None:
        self.hearing = hearing
        self.positions: Mapping[TopicPartition, int] = {}
        self.oldest_ms: int | None = None
        self.trouble = ""  # class of the error that is being waited out
        self.parked_something = threading.Event()  # the retry loop waits for it
        self._eventlog = log
        self._topics = topics
        self._limits = Limits()
        self._subscription: Subscription | None = None
        self._assigned: frozenset[TopicPartition] = frozenset()

    def step(self, timeout: float = 0.0) -> int:
        """
        Poll once and handle what came; returns the number of events.

        Raises:
            LogError, DatabaseUnavailable, psycopg errors of TRANSIENT: nothing was skipped;
                what was not handled is read again at the next step.
            TooManyParked: the worker has to stop.
        """
        subscription = self._open()
        try:
            records = subscription.poll(timeout, POLL)
        except OffsetOutOfRange:
            self._find_ground(subscription)
            records = subscription.poll(timeout, POLL)
        self._note(subscription)
        if not records:
            return 0
        self.oldest_ms = min(record.timestamp_ms for record in records)
        done = 0
        try:
            for start in range(0, len(records), BATCH):
                batch = records[start : start + BATCH]
                self._take(batch)
                done = start + len(batch)
        except TRANSIENT:
            _seek_back(subscription, records[done:])
            raise
        finally:
            self._commit(subscription, records[:done])
        self.oldest_ms = None
        return len(records)

    def run(self, stop: threading.Event, beat: Heartbeat = no_heartbeat) -> None:
        """Consume until `stop`; a log or a database that is away is waited for with poll going on."""
        backoff = Backoff()
        try:
            while not stop.is_set():
                beat(LASTS)
                try:
                    self.step(POLL_SECONDS)
                    self.trouble = ""
                    backoff.reset()
                except TRANSIENT as error:
                    pause = backoff.next()
                    self.trouble = type(error).__name__
                    _log.warning("the consumer waits", group=self.hearing.group, reason=self.trouble)
                    self._rest(stop, beat, pause)
        finally:
            self.close()

    def close(self) -> None:
        """Leave the group; safe to call twice."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def _open(self) -> Subscription:
        if self._subscription is None:
            self._subscription = self._eventlog.subscribe(self.hearing.group, self._topics)
        return self._subscription

    def _note(self, subscription: Subscription) -> None:
        self.hearing.metrics.polled(self.hearing.group, time.time())
        assigned = subscription.assignment()
        if assigned != self._assigned:
            self._assigned = assigned
            self.hearing.metrics.assigned(self.hearing.group, len(assigned))
            self.positions = {tp: at for tp, at in self.positions.items() if tp in assigned}

    def _take(self, batch: Sequence[Record]) -> None:
        heard = [hear(record) for record in batch]
        try:
            outcomes = self._together(heard)
        except TRANSIENT:
            raise
        except Exception:  # noqa: BLE001 - whichever event it was is found one by one
            for one in heard:
                self._alone(one)
        else:
            for one, outcome in zip(heard, outcomes, strict=True):
                self.hearing.count(one, outcome)
                self._limits.succeeded((one.record.topic, one.record.partition))

    def _together(self, heard: Sequence[Heard]) -> list[Outcome]:
        with self.hearing.database.transaction() as tx:
            parked = store.lock_keys(tx, self.hearing.group, {one.key for one in heard})
            free = [one for one in heard if one.key not in parked]
            behind = [one.record for one in heard if one.key in parked]
            outcomes = iter(self.hearing.apply(tx, free))
            if behind:
                store.append_behind(tx, self.hearing.group, behind, now=self.hearing.clock())
                self.parked_something.set()
            return [Outcome.PARKED if one.key in parked else next(outcomes) for one in heard]

    def _alone(self, one: Heard) -> None:
        try:
            outcome = self._single(one)
        except TRANSIENT:
            raise
        except Exception as error:  # noqa: BLE001 - every other error is the event's, or a bug that it meets
            self._park(one, error)
        else:
            self.hearing.count(one, outcome)
            self._limits.succeeded((one.record.topic, one.record.partition))

    def _single(self, one: Heard) -> Outcome:
        with self.hearing.database.transaction() as tx:
            if store.lock_keys(tx, self.hearing.group, {one.key}):
                store.append_behind(tx, self.hearing.group, [one.record], now=self.hearing.clock())
                self.parked_something.set()
                return Outcome.PARKED
            return self.hearing.apply(tx, [one])[0]

    def _park(self, one: Heard, error: Exception) -> None:
        now = self.hearing.clock()
        fault = fault_of(error)
        for_good = isinstance(error, (SequenceGap, *INVALID))
        with self.hearing.database.transaction() as tx:
            added = store.park(
                tx,
                self.hearing.group,
                one.record,
                fault,
                attempts=1,
                next_attempt_at=None if for_good else _first_retry(now),
                now=now,
            )
            failing = store.failing_keys(tx, self.hearing.group)
        self.parked_something.set()
        reason = "gap" if isinstance(error, SequenceGap) else "invalid" if for_good else "error"
        self.hearing.count(one, {"invalid": Outcome.INVALID, "gap": Outcome.PARKED}.get(reason, Outcome.RETRIED))
        if not added:
            return
        self.hearing.metrics.parked(self.hearing.group, reason)
        _log.warning(
            "an event was parked",
            group=self.hearing.group,
            topic=one.record.topic,
            partition=one.record.partition,
            offset=one.record.offset,
            error_class=fault.error_class,
            error=fault.error,
        )
        if reason != "gap":  # a gap closes by itself when the relay sends its batch again
            self._limits.failed((one.record.topic, one.record.partition), failing)

    def _commit(self, subscription: Subscription, records: Sequence[Record]) -> None:
        positions = {(record.topic, record.partition): record.offset + 1 for record in records}
        if not positions:
            return
        try:
            subscription.commit(positions)
        except (CommitRefused, LogUnavailable) as error:
            # The effects are committed; whoever reads these events again finds their ids in the inbox.
            _log.info("offsets were not committed", group=self.hearing.group, reason=type(error).__name__)
        self.positions = {**self.positions, **positions}

    def _rest(self, stop: threading.Event, beat: Heartbeat, seconds: float) -> None:
        """Stay a member of the group, but take nothing, for some seconds."""
        until = time.monotonic() + seconds
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            beat(LASTS)
            if self._subscription is None:
                stop.wait(left)
                continue
            try:
                self._subscription.pause(sorted(self._subscription.assignment()))
                # A partition that joins us in this poll is not paused yet: what it brings is read again later.
                _seek_back(self._subscription, self._subscription.poll(min(left, POLL_SECONDS)))
            except TRANSIENT:
                stop.wait(min(left, POLL_SECONDS))
        if self._subscription is not None:
            self._subscription.resume(sorted(self._subscription.assignment()))

    def _find_ground(self, subscription: Subscription) -> None:
        """After trimming, or the loss of a log: begin at the oldest record there is; the inbox knows the rest."""
        for topic in sorted({topic for topic, _ in subscription.assignment()}):
            first, end = self._eventlog.start_offsets(topic), self._eventlog.end_offsets(topic)
            for partition in (p for t, p in subscription.assignment() if t == topic):
                if not first[partition] <= subscription.position((topic, partition)) <= end[partition]:
                    _log.warning("a place on the log is gone", topic=topic, partition=partition)
                    subscription.seek((topic, partition), first[partition])


def _seek_back(subscription: Subscription, records: Sequence[Record]) -> None:
    first: dict[TopicPartition, int] = {}
    for record in records:
        first.setdefault((record.topic, record.partition), record.offset)
    held = subscription.assignment()
    for place, offset in first.items():
        if place in held:
            subscription.seek(place, offset)


def _first_retry(now: datetime) -> datetime | None:
    delay = schedule.next_delay(1, random.random())  # noqa: S311 - jitter, not a secret
    return now + delay if delay else None
