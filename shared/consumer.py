"""
Consumer: reads the log in batches and lets each event take effect once, in the order of its key.

Poll, one transaction for up to 100 events, commit it, then commit the offsets. If anything
in a batch goes wrong it is rolled back and done again one event a transaction, so that
a poisoned event stands alone: it is parked with its key, and all others go on. Also one that
PostgreSQL gives up each time, or that loses us the connection each time, is poisoned; that
the database takes it into the parking place shows that it is not away.

If too much is parked the consumer alone stops, loudly, and goes on once something has been
resolved; or after five minutes, to see whether the next event does better.
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
    LogError,
    LogUnavailable,
    OffsetOutOfRange,
    Record,
    Subscription,
    TopicPartition,
)
from shared.faults import AWAY, GIVEN_UP, INVALID, TRANSIENT, Backoff, fault_of
from shared.heartbeat import LASTS, Heartbeat, no_heartbeat
from shared.inbox import BeforeBeginning, SequenceGap
from shared.inbox_processor import Heard, Hearing, Outcome, hear
from shared.parking import schedule
from shared.parking.schedule import Limits, TooManyParked

BATCH = 100  # events a transaction
POLL = 500  # events a poll, after which the offsets are committed
POLL_SECONDS = 1.0
LOST_IN_A_ROW = 3  # connections lost over one batch, after which its events are tried one by one
STOPPED_SECONDS = 300.0  # after too much has failed; less if somebody resolves something
LOOK_SECONDS = 5.0

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
        self.stopped = ""  # why nothing is read until somebody looks; empty when all is well
        self.parked_something = threading.Event()  # the retry loop waits for it
        self._eventlog = log
        self._topics = topics
        self._limits = Limits()
        self._subscription: Subscription | None = None
        self._assigned: frozenset[TopicPartition] = frozenset()
        self._lost = 0
        self._stands_since: float | None = None

    @property
    def stands_seconds(self) -> float:
        """For how long nothing could be done; 0 while it works."""
        since = self._stands_since
        return 0.0 if since is None else time.monotonic() - since

    def step(self, timeout: float = 0.0) -> int:
        """
        Poll once and handle what came; returns the number of events.

        Raises:
            LogError, DatabaseUnavailable, psycopg errors of TRANSIENT: nothing was skipped;
                what was not handled is read again at the next step.
            TooManyParked: likewise.
        """
        subscription = self._open()
        try:
            records = subscription.poll(timeout, POLL)
        except OffsetOutOfRange:
            self._find_ground(subscription)
            records = subscription.poll(timeout, POLL)
        done = 0
        try:
            self._note(subscription)
            if records:
                self.oldest_ms = min(record.timestamp_ms for record in records)
            for start in range(0, len(records), BATCH):
                batch = records[start : start + BATCH]
                self._take(batch)
                done = start + len(batch)
        except Exception:
            _read_again(subscription, records[done:])
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
                    self._goes_on()
                    backoff.reset()
                except TooManyParked as limit:
                    self._stand()
                    self._stop_reading(str(limit), stop, beat)
                except TRANSIENT as error:
                    pause = backoff.next()
                    self._stand()
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
            with self.hearing.database.transaction() as tx:
                self.hearing.beginnings.begin(tx, assigned)
            self._assigned = assigned
            self.hearing.metrics.assigned(self.hearing.group, len(assigned))
            self.positions = {tp: at for tp, at in self.positions.items() if tp in assigned}

    def _take(self, batch: Sequence[Record]) -> None:
        heard = [hear(record) for record in batch]
        try:
            outcomes = self._together(heard)
        except AWAY:
            raise
        except Exception as error:
            if isinstance(error, TRANSIENT) and not isinstance(error, GIVEN_UP):
                self._lost += 1
                if self._lost < LOST_IN_A_ROW:
                    raise
            for one in heard:
                self._alone(one)
        else:
            for one, outcome in zip(heard, outcomes, strict=True):
                self.hearing.count(one, outcome)
                self._limits.succeeded((one.record.topic, one.record.partition))
        self._lost = 0

    def _together(self, heard: Sequence[Heard]) -> list[Outcome]:
        with self.hearing.database.transaction() as tx:
            parked = self.hearing.parking.lock_keys(tx, self.hearing.group, {one.key for one in heard})
            free = [one for one in heard if one.key not in parked]
            behind = [one.record for one in heard if one.key in parked]
            outcomes = iter(self.hearing.apply(tx, free))
            if behind:
                self.hearing.parking.append_behind(tx, self.hearing.group, behind, now=self.hearing.clock())
                self.parked_something.set()
            return [Outcome.PARKED if one.key in parked else next(outcomes) for one in heard]

    def _alone(self, one: Heard) -> None:
        try:
            outcome = self._single(one)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - every other error is the event's, or a bug that it meets
            self._park(one, error)
        else:
            self.hearing.count(one, outcome)
            self._limits.succeeded((one.record.topic, one.record.partition))

    def _single(self, one: Heard) -> Outcome:
        with self.hearing.database.transaction() as tx:
            if self.hearing.parking.lock_keys(tx, self.hearing.group, {one.key}):
                self.hearing.parking.append_behind(tx, self.hearing.group, [one.record], now=self.hearing.clock())
                self.parked_something.set()
                return Outcome.PARKED
            return self.hearing.apply(tx, [one])[0]

    def _park(self, one: Heard, error: Exception) -> None:
        now = self.hearing.clock()
        fault = fault_of(error)
        for_good = isinstance(error, (SequenceGap, BeforeBeginning, *INVALID))
        with self.hearing.database.transaction() as tx:
            added = self.hearing.parking.park(
                tx,
                self.hearing.group,
                one.record,
                fault,
                attempts=1,
                next_attempt_at=None if for_good else _first_retry(now),
                now=now,
            )
            failing = self.hearing.parking.failing_keys(tx, self.hearing.group)
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
                _read_again(self._subscription, self._subscription.poll(min(left, POLL_SECONDS)))
            except TRANSIENT:
                stop.wait(min(left, POLL_SECONDS))
        if self._subscription is not None:
            self._subscription.resume(sorted(self._subscription.assignment()))

    def _stand(self) -> None:
        if self._stands_since is None:
            self._stands_since = time.monotonic()

    def _goes_on(self) -> None:
        if self.stopped:
            self.hearing.metrics.stopped(self.hearing.group, stopped=False)
        self.trouble, self.stopped, self._stands_since = "", "", None

    def _stop_reading(self, reason: str, stop: threading.Event, beat: Heartbeat) -> None:
        """Read nothing until somebody resolved something, or five minutes have passed; stay a member of the group."""
        if not self.stopped:
            _log.critical("the consumer stops: too much fails", group=self.hearing.group, reason=reason)
        self.stopped = reason
        self.hearing.metrics.stopped(self.hearing.group, stopped=True)
        until = time.monotonic() + STOPPED_SECONDS
        failing = self._failing()
        while not stop.is_set() and time.monotonic() < until:
            self._rest(stop, beat, LOOK_SECONDS)
            now_failing = self._failing()
            if failing is None:
                failing = now_failing
            elif now_failing is not None and now_failing < failing:
                return

    def _failing(self) -> int | None:
        try:
            with self.hearing.database.transaction() as tx:
                return self.hearing.parking.failing_events(tx, self.hearing.group)
        except TRANSIENT:
            return None

    def _find_ground(self, subscription: Subscription) -> None:
        """After trimming, or the loss of a log: begin at the oldest record there is; the inbox knows the rest."""
        for topic in sorted({topic for topic, _ in subscription.assignment()}):
            first, end = self._eventlog.start_offsets(topic), self._eventlog.end_offsets(topic)
            for partition in sorted(p for t, p in subscription.assignment() if t == topic):
                if not first[partition] <= subscription.position((topic, partition)) <= end[partition]:
                    _log.warning("a place on the log is gone", topic=topic, partition=partition)
                    with self.hearing.database.transaction() as tx:
                        self.hearing.beginnings.lost(tx, (topic, partition), first[partition])
                    subscription.seek((topic, partition), first[partition])


def _read_again(subscription: Subscription, records: Sequence[Record]) -> None:
    """
    Go back to the first of these records in each partition, so that none is passed over.

    A partition may be taken from us at any moment: then its next holder, be it we again,
    begins at the committed place. What is left of the others goes back all the same.
    """
    first: dict[TopicPartition, int] = {}
    for record in records:
        first.setdefault((record.topic, record.partition), record.offset)
    for place, offset in first.items():
        try:
            subscription.seek(place, offset)
        except LogError as error:
            _log.info(
                "a partition was taken meanwhile", topic=place[0], partition=place[1], reason=type(error).__name__
            )


def _first_retry(now: datetime) -> datetime | None:
    delay = schedule.next_delay(1, random.random())  # noqa: S311 - jitter, not a secret
    return now + delay if delay else None
