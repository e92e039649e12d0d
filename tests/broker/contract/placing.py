"""What a reader promises: it goes where it is sent, waits as told and says when a place is gone."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from shared.eventlog.interface import (
    CommitRefused,
    EventLog,
    LogError,
    NewRecord,
    OffsetOutOfRange,
)
from tests.broker.contract.base import Contract, Member
from tests.broker.reading import (
    numbered,
    poll_until,
    read,
    values,
)


class PlacingContract(Contract):
    # 14
    def test_seek_goes_anywhere(self, log: EventLog, narrow: str) -> None:
        log.append(narrow, numbered("k", range(5)))
        reader = log.reader([narrow])
        read(reader, 5)

        reader.seek((narrow, 0), 3)
        late = values(read(reader, 2))
        reader.seek((narrow, 0), 0)
        early = values(read(reader, 5))
        reader.close()

        assert late == [b"3", b"4"]
        assert early == [b"0", b"1", b"2", b"3", b"4"]

    def test_seek_past_the_end_is_told_at_the_next_poll(self, log: EventLog, narrow: str) -> None:
        log.append(narrow, numbered("k", range(5)))
        reader = log.reader([narrow])

        reader.seek((narrow, 0), 6)
        with pytest.raises(OffsetOutOfRange):
            read(reader, 1)
        reader.seek((narrow, 0), 4)

        assert values(read(reader, 1)) == [b"4"]
        reader.close()

    def test_seek_to_time_finds_the_first_record_not_older(self, log: EventLog, narrow: str) -> None:
        log.append(narrow, numbered("k", range(5)))
        reader = log.reader([narrow])
        old = read(reader, 5)
        newest = max(record.timestamp_ms for record in old) / 1000
        until = time.monotonic() + 5
        while time.time() < newest + 0.05 and time.monotonic() < until:
            reader.poll(0.02)
        log.append(narrow, numbered("k", range(5, 8)))
        fresh = read(reader, 3)

        reader.seek_to_time(datetime.fromtimestamp(fresh[0].timestamp_ms / 1000, UTC))
        at_moment = reader.position((narrow, 0))
        reader.seek_to_time(datetime.now(UTC) - timedelta(days=1))
        long_ago = reader.position((narrow, 0))
        reader.seek_to_time(datetime.now(UTC) + timedelta(days=1))
        to_come = reader.position((narrow, 0))
        reader.close()

        assert (at_moment, long_ago, to_come) == (5, 0, 8)

    def test_only_what_is_held_can_be_sought_or_asked_for(self, log: EventLog, narrow: str) -> None:
        reader = log.reader([narrow])

        for ask in (lambda: reader.seek((narrow, 7), 0), lambda: reader.position((narrow, 7))):
            with pytest.raises(LogError):
                ask()
        with pytest.raises(OffsetOutOfRange):
            reader.seek((narrow, 0), -1)
        reader.close()

    # 15
    def test_a_pause_keeps_the_place_and_loses_nothing(self, log: EventLog, topic: str, join: Member) -> None:
        [meta] = log.append(topic, numbered("k", range(1)))
        member = join(topic)
        read(member, 1)
        place = (topic, meta.partition)

        member.pause([place, (topic, 99)])
        log.append(topic, numbered("k", range(1, 4)))
        log.append(topic, numbered("another-key", range(1)))
        during = values(read(member, 1))
        at = member.position(place)
        member.resume([place, (topic, 99)])

        assert during == [b"0"]
        assert at == meta.offset + 1
        assert values(read(member, 3)) == [b"1", b"2", b"3"]

    # 16
    def test_poll_waits_as_long_as_it_is_told(self, topic: str, join: Member) -> None:
        member = join(topic)
        poll_until([member], lambda: len(member.assignment()) == 6)

        began = time.monotonic()
        found = member.poll(0.4)
        took = time.monotonic() - began

        assert found == []
        assert 0.35 < took < 1.5

    def test_poll_returns_as_soon_as_there_is_something(self, log: EventLog, topic: str, join: Member) -> None:
        member = join(topic)
        poll_until([member], lambda: len(member.assignment()) == 6)
        timer = threading.Timer(0.3, lambda: log.append(topic, numbered("k", range(1))))
        timer.start()

        began = time.monotonic()
        found = member.poll(20)
        took = time.monotonic() - began
        timer.join()

        assert values(found) == [b"0"]
        assert 0.25 < took < 3

    def test_poll_gives_no_more_than_asked_for(self, log: EventLog, topic: str, join: Member) -> None:
        log.append(topic, [NewRecord(str(n).encode(), b"x") for n in range(100)])
        member = join(topic)

        sizes: list[int] = []
        until = time.monotonic() + 20
        while sum(sizes) < 100 and time.monotonic() < until:
            sizes.append(len(member.poll(0.5, 7)))

        assert sum(sizes) == 100
        assert max(sizes) == 7

    # 20
    def test_a_place_that_was_trimmed_away_is_told_not_skipped(self, log: EventLog, narrow: str, join: Member) -> None:
        log.append(narrow, numbered("k", range(10)))
        first = join(narrow)
        read(first, 10)
        first.commit({(narrow, 0): 2})
        first.close()

        log.trim(narrow, {0: 6})
        late = join(narrow)
        with pytest.raises(OffsetOutOfRange):
            read(late, 1)
        late.seek((narrow, 0), log.start_offsets(narrow)[0])

        assert log.start_offsets(narrow) == {0: 6}
        assert values(read(late, 4)) == [b"6", b"7", b"8", b"9"]

    def test_a_new_group_begins_at_the_oldest_record_there_is(self, log: EventLog, narrow: str, join: Member) -> None:
        log.append(narrow, numbered("k", range(10)))
        log.trim(narrow, {0: 6})
        log.trim(narrow, {0: 3})

        assert values(read(join(narrow), 4)) == [b"6", b"7", b"8", b"9"]

    def test_reading_alone_disturbs_no_group(self, log: EventLog, narrow: str, group: str, join: Member) -> None:
        log.append(narrow, numbered("k", range(3)))
        member = join(narrow)
        poll_until([member], lambda: len(member.assignment()) == 1)
        reader = log.reader([narrow])

        alone = values(read(reader, 3))
        with pytest.raises(CommitRefused):
            reader.commit({(narrow, 0): 3})
        reader.close()

        assert alone == [b"0", b"1", b"2"]
        assert len(member.assignment()) == 1
        assert log.offsets(group, narrow) == {}
