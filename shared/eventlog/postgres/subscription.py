"""One reader of the log: a member of a group, or a private one."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from shared.eventlog.interface import (
    Closed,
    CommitRefused,
    LogError,
    LogUnavailable,
    OffsetOutOfRange,
    Record,
    TopicPartition,
)
from shared.eventlog.postgres import reading
from shared.eventlog.postgres.append import Topic
from shared.eventlog.postgres.connections import Connections
from shared.eventlog.postgres.groups import Held, Membership
from shared.eventlog.postgres.listening import Listener, group_channel
from shared.eventlog.postgres.shares import Place

_LOOK_SECONDS = 1.0  # wake-ups may be missed, so look this often besides
_ANSWER_SECONDS = 2.0  # a silent server is given at least this long
_COMMIT_SECONDS = 10.0

logger = logging.getLogger(__name__)


class PostgresSubscription:
    """
    Reads partitions from their places on; see `shared.eventlog.interface.Subscription`.

    Args:
        connections: To the log's database.
        listener: Wakes it when something was appended.
        topics: Gives the topics; asked when the log is reachable.
        membership: In a group, or None for a private reader.
    """

    def __init__(
        self,
        connections: Connections,
        listener: Listener,
        topics: Callable[[], Sequence[Topic]],
        membership: Membership | None,
        *,
        names: Sequence[str],
    ) -> None:
        self._connections = connections
        self._listener = listener
        self._find_topics = topics
        self._topics: Sequence[Topic] = ()
        self._membership = membership
        self._channels = [*names] if membership is None else [*names, group_channel(membership.group)]
        self._group_channels = self._channels[len(names) :]
        self._group_news = -1
        self._places: dict[Place, int] = {}
        self._fences: dict[Place, int] = {}
        self._paused: set[Place] = set()
        self._turn = 0
        self._look_seconds = min(_LOOK_SECONDS, membership.beat_seconds) if membership else _LOOK_SECONDS
        self._beat_at = 0.0
        self._try_at = 0.0
        self._away = False
        self._empty_at: int | None = None
        self._closed = False
        listener.start()
        if membership is None:
            self._find()
            with connections.use(time.monotonic() + _COMMIT_SECONDS) as connection:
                self._places = {place: start for place, (start, _) in reading.ends(connection, self._topics).items()}

    def poll(self, timeout: float, max_records: int = 500) -> list[Record]:
        self._check_open()
        end = time.monotonic() + timeout
        if self._empty_at is not None:  # just looked and found nothing: sleep first, so a reader at rest looks once
            self._listener.wait(self._channels, self._empty_at, min(timeout, self._look_seconds))
        while True:
            self._check_open()
            seen = self._listener.news(self._channels)
            records = self._look(end, max_records)
            self._empty_at = None if records else seen
            now = time.monotonic()
            if records or now >= end:
                return records
            again = self._try_at if self._away else now + self._look_seconds
            self._listener.wait(self._channels, seen, min(end, again) - now)

    def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        self._check_open()
        if self._membership is None:
            raise CommitRefused("a private reader keeps no places")
        if not positions:
            return
        known = {self._place(partition): offset for partition, offset in positions.items()}
        kept = {place: offset for place, offset in known.items() if place is not None}
        if len(kept) == len(positions):
            with self._connections.use(time.monotonic() + _COMMIT_SECONDS) as connection:
                if self._membership.commit(connection, kept):
                    return
        self._forget()
        raise CommitRefused(f"group {self._membership.group}: a partition is no longer held by this member")

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self._check_open()
        self._paused |= {place for place in map(self._place, partitions) if place is not None}

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self._check_open()
        self._paused -= {place for place in map(self._place, partitions) if place is not None}
        self._empty_at = None

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._check_open()
        place = self._held_place(partition)
        if offset < 0:
            raise OffsetOutOfRange(f"{partition[0]}/{partition[1]}: {offset} is negative")
        self._places[place] = offset
        self._empty_at = None

    def seek_to_time(self, moment: datetime) -> None:
        self._check_open()
        with self._connections.use(time.monotonic() + _COMMIT_SECONDS) as connection:
            found = {place: reading.place_at(connection, place, moment.timestamp() * 1000) for place in self._places}
        self._places |= found
        self._empty_at = None

    def position(self, partition: TopicPartition) -> int:
        self._check_open()
        return self._places[self._held_place(partition)]

    def assignment(self) -> frozenset[TopicPartition]:
        self._check_open()
        names = self._names()
        return frozenset((names[topic_id], part) for topic_id, part in self._places)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._membership is not None and self._membership.joined:
            with suppress(LogError), self._connections.use(time.monotonic() + _ANSWER_SECONDS) as connection:
                self._membership.leave(connection)

    def _look(self, end: float, most: int) -> list[Record]:
        """Beat if it is time, then read; nothing while the log is away."""
        now = time.monotonic()
        if now < self._try_at:
            return []
        deadline = max(end, now + _ANSWER_SECONDS)
        try:
            if not self._topics:
                self._find()
            with self._connections.use(deadline) as connection:
                if self._membership is not None and self._beat_is_due(now):
                    self._membership.beat(connection, self._topics)
                    self._beat_at = now + self._membership.beat_seconds
                    self._take_over(self._membership.held)
                wanted = self._in_turn()
                found = reading.read(connection, self._names(), wanted, most) if wanted else reading.Found([], {})
        except LogUnavailable as error:
            self._went_away(error)
            return []
        self._came_back()
        self._places |= found.next_places
        return found.records

    def _beat_is_due(self, now: float) -> bool:
        news = self._listener.news(self._group_channels)
        changed, self._group_news = news != self._group_news, news
        return changed or now >= self._beat_at

    def _take_over(self, held: Mapping[Place, Held]) -> None:
        """Keep the position of what is still held by the same holding; begin anew where it is another."""
        self._places = {
            place: self._places[place] if self._fences.get(place) == now.fence else now.off
            for place, now in held.items()
        }
        fences = {place: now.fence for place, now in held.items()}
        self._paused = {place for place in self._paused if fences.get(place, 0) == self._fences[place]}
        self._fences = fences

    def _in_turn(self) -> list[tuple[Place, int]]:
        """Another partition comes first each time, so that a busy one cannot starve the others."""
        places = [(place, following) for place, following in self._places.items() if place not in self._paused]
        self._turn += 1
        first = self._turn % len(places) if places else 0
        return places[first:] + places[:first]

    def _went_away(self, error: LogUnavailable) -> None:
        if not self._away:
            logger.warning("reading from the log pauses: %s", error)
        self._away = True
        self._try_at = time.monotonic() + _LOOK_SECONDS

    def _came_back(self) -> None:
        if self._away:
            logger.warning("reading from the log goes on")
        self._away = False

    def _forget(self) -> None:
        if self._membership is not None:
            self._membership.forget()
        self._places, self._fences, self._paused = {}, {}, set()
        self._beat_at = 0.0
        self._empty_at = None

    def _find(self) -> None:
        self._topics = self._find_topics()

    def _names(self) -> dict[int, str]:
        return {topic.topic_id: topic.name for topic in self._topics}

    def _place(self, partition: TopicPartition) -> Place | None:
        for topic in self._topics:
            if topic.name == partition[0] and (topic.topic_id, partition[1]) in self._places:
                return topic.topic_id, partition[1]
        return None

    def _held_place(self, partition: TopicPartition) -> Place:
        place = self._place(partition)
        if place is None:
            raise LogError(f"{partition[0]}/{partition[1]} is not held by this reader")
        return place

    def _check_open(self) -> None:
        if self._closed or self._connections.closed:
            raise Closed("this subscription was closed")
