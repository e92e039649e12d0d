"""One reader of Kafka: a member of a group, or a private one; used by one thread from its making to `close`."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, errors
from kafka import TopicPartition as KafkaPlace
from kafka.structs import OffsetAndMetadata

from shared.eventlog.interface import (
    Closed,
    CommitRefused,
    LogError,
    LogUnavailable,
    OffsetOutOfRange,
    Record,
    Start,
    TopicPartition,
)
from shared.eventlog.kafka.admin import partitions
from shared.eventlog.kafka.clients import in_our_words, make
from shared.eventlog.kafka.joining import keep_a_finished_join
from shared.eventlog.kafka.settings import BOOTSTRAP_SECONDS, CALL_SECONDS, Cluster, consumer_settings

_AGAIN_SECONDS = 1.0
_CLOSE_SECONDS = 3.0
_CALL_MS = round(CALL_SECONDS * 1000)

logger = logging.getLogger(__name__)


class KafkaSubscription:
    """
    Reads partitions from their places on; see `shared.eventlog.interface.Subscription`.

    The client is made at the first poll, so that a cluster that is away is waited for
    there and nowhere else. No rebalance listener: it would run on the client's network thread,
    where nothing may wait; places are committed before the next poll instead.

    Args:
        cluster: Where the brokers are.
        group: The group to join, or None for a private reader.
        topics: What to read.
        start: Where a group without a committed place begins.
        check_log: Raises Closed when the log was closed.
    """

    def __init__(
        self, cluster: Cluster, group: str | None, topics: Sequence[str], start: Start, *, check_log: Callable[[], None]
    ) -> None:
        self._cluster = cluster
        self._group = group
        self._topics = list(topics)
        self._start = start
        self._check_log = check_log
        self._client: Any = None
        self._try_at = 0.0
        self._away = False
        self._closed = False
        if group is None:
            self._client = self._read_alone()

    def poll(self, timeout: float, max_records: int = 500) -> list[Record]:
        self._check_open()
        end = time.monotonic() + timeout
        while True:
            try:
                found = self._poll(max(0.0, end - time.monotonic()), max_records)
            except LogUnavailable as error:
                self._went_away(error)
                found = []
            left = end - time.monotonic()
            if found or left <= 0:
                return found
            if self._away:
                time.sleep(min(left, max(0.0, self._try_at - time.monotonic())))
            self._check_open()

    def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        self._check_open()
        if self._group is None:
            raise CommitRefused("a private reader keeps no places")
        if not positions:
            return
        held = self.assignment()
        if any(partition not in held for partition in positions):
            # The broker checks the membership of who commits, but not what that member holds.
            raise CommitRefused(f"group {self._group}: a partition is no longer held by this member")
        wanted = {KafkaPlace(*partition): OffsetAndMetadata(at, "", -1) for partition, at in positions.items()}
        with in_our_words():
            self._client.commit(wanted, timeout_ms=_CALL_MS)

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self._check_open()
        for place in self._held(partitions):
            with suppress(LogError), _if_still_held():
                self._client.pause(place)

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self._check_open()
        for place in self._held(partitions):
            with suppress(LogError), _if_still_held():
                self._client.resume(place)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._check_open()
        place = self._held_place(partition)
        if offset < 0:
            raise OffsetOutOfRange(f"{partition[0]}/{partition[1]}: {offset} is negative")
        with _if_still_held():
            self._client.seek(place, offset)

    def seek_to_time(self, moment: datetime) -> None:
        self._check_open()
        places = self._held(sorted(self.assignment()))
        if not places:
            return
        wanted = max(0, round(moment.timestamp() * 1000))
        with in_our_words():
            found = self._client.offsets_for_times(dict.fromkeys(places, wanted), timeout_ms=_CALL_MS)
            later = {place: found[place].offset for place in places if found.get(place) is not None}
            ends = self._client.end_offsets([place for place in places if place not in later], timeout_ms=_CALL_MS)
        for place, at in (later | ends).items():
            with suppress(LogError), _if_still_held():
                self._client.seek(place, at)

    def position(self, partition: TopicPartition) -> int:
        self._check_open()
        place = self._held_place(partition)
        with in_our_words(), _if_still_held():
            try:
                at = self._client.position(place, timeout_ms=_CALL_MS)
            except errors.NoOffsetForPartitionError:
                self._begin()
                at = self._client.position(place, timeout_ms=_CALL_MS)
        if at is None:
            raise LogUnavailable("Kafka did not say in time where this partition begins")
        return int(at)

    def assignment(self) -> frozenset[TopicPartition]:
        self._check_open()
        if self._client is None:
            return frozenset()
        return frozenset((place.topic, place.partition) for place in self._client.assignment())

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._client is not None:
            with suppress(Exception):  # whoever cannot say goodbye is missed when its session ends
                self._client.close(autocommit=False, timeout_ms=round(_CLOSE_SECONDS * 1000))

    def _poll(self, seconds: float, max_records: int) -> list[Record]:
        if not self._join(seconds):
            return []
        keep_a_finished_join(self._client)
        try:
            with in_our_words():
                found = self._client.poll(timeout_ms=round(seconds * 1000), max_records=max_records)
        except OffsetOutOfRange:
            self._came_back()
            raise
        except LogUnavailable as error:
            cause = error.__cause__
            if isinstance(cause, errors.NoOffsetForPartitionError):
                self._begin()
                return []
            if isinstance(cause, errors.LogTruncationError):
                self._step_back(cause)
                return []
            raise
        self._came_back()
        return [_record(raw) for place in found for raw in found[place]]

    def _join(self, seconds: float) -> bool:
        """Make the client if there is none yet; False if it is too early to try again."""
        if self._client is not None:
            return True
        now = time.monotonic()
        if now < self._try_at:
            return False
        budget = min(BOOTSTRAP_SECONDS, max(1.0, seconds))
        partitions(self._cluster, self._topics, seconds=budget)
        with in_our_words():
            client = make(KafkaConsumer, consumer_settings(self._cluster, self._group, bootstrap_seconds=budget))
        client.subscribe(self._topics)
        self._client = client
        return True

    def _read_alone(self) -> Any:
        counts = partitions(self._cluster, self._topics)
        places = [KafkaPlace(topic, part) for topic in self._topics for part in range(counts[topic])]
        with in_our_words():
            client = make(KafkaConsumer, consumer_settings(self._cluster, None, bootstrap_seconds=BOOTSTRAP_SECONDS))
        client.assign(places)
        client.seek_to_beginning(*places)
        return client

    def _begin(self) -> None:
        """Begin where a group without a committed place begins; the others keep theirs."""
        places = self._client.assignment()
        for place in places:
            try:
                known = self._client.committed(place, timeout_ms=_CALL_MS)
            except errors.KafkaTimeoutError as error:
                raise LogUnavailable("Kafka did not say in time what the group has committed") from error
            if known is None:
                (self._client.seek_to_end if self._start == "latest" else self._client.seek_to_beginning)(place)

    def _step_back(self, truncation: Any) -> None:
        """A broker lost the end of its log: read on from where its new history begins."""
        logger.warning("Kafka lost records that had been read; going back to where its history differs")
        for place, at in truncation.divergent_offsets.items():
            if at is None:
                self._client.seek_to_beginning(place)
            else:
                self._client.seek(place, at.offset)

    def _went_away(self, error: LogUnavailable) -> None:
        if not self._away:
            logger.warning("reading from the log pauses: %s", error)
        self._away = True
        self._try_at = time.monotonic() + _AGAIN_SECONDS

    def _came_back(self) -> None:
        if self._away:
            logger.warning("reading from the log goes on")
        self._away = False

    def _held(self, wanted: Sequence[TopicPartition]) -> list[Any]:
        held = self.assignment()
        return [KafkaPlace(*partition) for partition in wanted if partition in held]

    def _held_place(self, partition: TopicPartition) -> Any:
        if partition not in self.assignment():
            raise LogError(f"{partition[0]}/{partition[1]} is not held by this reader")
        return KafkaPlace(*partition)

    def _check_open(self) -> None:
        if self._closed:
            raise Closed("this subscription was closed")
        self._check_log()


@contextmanager
def _if_still_held() -> Iterator[None]:
    """
    For what the client does with one partition; raises LogError if that was taken meanwhile.

    The client's own thread takes partitions away at any moment, so to have asked before is not enough.
    """
    try:
        yield
    except (KeyError, ValueError, AssertionError, errors.IllegalStateError) as error:
        raise LogError("the partition was taken from this reader meanwhile") from error


def _record(raw: Any) -> Record:
    # Kafka would carry any bytes in a header; ours are UTF-8, and a stranger's must not stop the reader.
    headers = tuple((name, (value or b"").decode("utf-8", "replace")) for name, value in raw.headers)
    return Record(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, headers)
