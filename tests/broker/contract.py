"""What every event log promises; subclassed for each of them, so that nothing is promised by one alone."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from shared.eventlog.connect import open_log
from shared.eventlog.interface import (
    MAX_RECORD_BYTES,
    Closed,
    CommitRefused,
    EventLog,
    LogError,
    NewRecord,
    OffsetOutOfRange,
    Record,
    RecordTooLarge,
    Subscription,
    TopicPartition,
    UnknownTopic,
)
from shared.eventlog.partitioner import partition_of
from tests.broker.fixture import ROOT
from tests.broker.reading import (
    by_key,
    first_sights,
    following,
    new_name,
    numbered,
    poll_until,
    read,
    read_all,
    values,
)
from tests.broker.subjects import open_impatient

Member = Callable[..., Subscription]


class LogContract:
    """Subclasses give `url` and declare in what they differ."""

    handover_seconds: float  # how long a partition may be without a reader when a member comes or goes
    offsets_have_no_gaps: bool

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def log(self, url: str) -> Iterator[EventLog]:
        opened = open_log(url, name="contract")
        yield opened
        opened.close()

    @pytest.fixture
    def impatient(self, url: str) -> Iterator[EventLog]:
        opened = open_impatient(url)
        yield opened
        opened.close()

    @pytest.fixture
    def topic(self, log: EventLog) -> str:
        name = new_name("rapport.contract")
        log.create_topic(name)
        return name

    @pytest.fixture
    def narrow(self, log: EventLog) -> str:
        """A topic of one partition: everything in one order."""
        name = new_name("rapport.narrow")
        log.create_topic(name, partitions=1)
        return name

    @pytest.fixture
    def group(self) -> str:
        return new_name("readers")

    @pytest.fixture
    def join(self, log: EventLog, group: str) -> Iterator[Member]:
        """Join the group; every member leaves at the end of the test."""
        members: list[Subscription] = []

        def join(topic: str, *, of: EventLog = log, group: str = group, start: str = "earliest") -> Subscription:
            members.append(of.subscribe(group, [topic], start=start))  # type: ignore[arg-type]
            return members[-1]

        yield join
        for member in members:
            with suppress(LogError):
                member.close()

    # 1
    def test_a_record_comes_back_as_it_was_given(self, log: EventLog, topic: str, join: Member) -> None:
        headers = (("ce_id", "1"), ("ce_id", "2"), ("Größe", "a\x00b ü 🙂"), ("empty", ""))
        before = datetime.now(UTC) - timedelta(seconds=1)

        [meta] = log.append(topic, [NewRecord(b"\x00key\xff", b"\x00value\xff", headers)])

        [record] = read(join(topic), 1)
        assert (record.key, record.value, record.headers) == (b"\x00key\xff", b"\x00value\xff", headers)
        assert (record.topic, record.partition, record.offset) == (topic, meta.partition, meta.offset)
        assert before.timestamp() <= record.timestamp_ms / 1000 <= time.time() + 1

    # 2
    def test_a_key_always_goes_to_the_partition_that_java_would_choose(self, log: EventLog, topic: str) -> None:
        keys = [b"21", b"foobar", b"a-little-bit-long-string", b"abc", b"", b"\x00\xff"]

        metas = log.append(topic, [NewRecord(key, b"") for key in keys * 2])

        assert [meta.partition for meta in metas] == [partition_of(key, 6) for key in keys * 2]

    def test_records_without_a_key_are_spread(self, log: EventLog, topic: str) -> None:
        for _ in range(12):
            log.append(topic, [NewRecord(None, b"x")])

        assert sum(log.end_offsets(topic).values()) == 12
        assert min(log.end_offsets(topic).values()) > 0

    # 3
    def test_the_order_of_a_key_survives_four_appenders_at_once(self, log: EventLog, topic: str) -> None:
        def write(writer: int) -> None:
            for start in range(0, 200, 20):
                batch = [record for key in range(3) for record in numbered(f"{writer}-{key}", range(start, start + 20))]
                log.append(topic, batch)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))

        found = by_key(read_all(log, topic))
        assert len(found) == 12
        assert all(seen == [str(n).encode() for n in range(200)] for seen in found.values())

    # 4
    def test_offsets_rise_strictly_and_in_the_order_of_appending(self, log: EventLog, topic: str) -> None:
        metas = [meta for _ in range(5) for meta in log.append(topic, numbered("k", range(10)))]

        offsets = [meta.offset for meta in metas]
        assert offsets == sorted(set(offsets))
        if self.offsets_have_no_gaps:
            assert offsets == list(range(50))

    # 5
    def test_what_was_appended_is_there_for_everyone_at_once(self, url: str, log: EventLog, topic: str) -> None:
        log.append(topic, [NewRecord(str(n).encode(), b"x") for n in range(300)])

        other = open_log(url, name="other")
        try:
            assert sum(other.end_offsets(topic).values()) == 300
            assert len(read_all(other, topic)) == 300
        finally:
            other.close()

    def test_a_batch_with_one_record_too_large_is_refused_as_a_whole(self, log: EventLog, topic: str) -> None:
        batch = [NewRecord(b"a", b"fits"), NewRecord(b"b", bytes(MAX_RECORD_BYTES))]

        with pytest.raises(RecordTooLarge):
            log.append(topic, batch)

        assert sum(log.end_offsets(topic).values()) == 0

    def test_an_empty_batch_does_nothing(self, log: EventLog, topic: str) -> None:
        assert log.append(topic, []) == []
        assert sum(log.end_offsets(topic).values()) == 0

    # 6
    def test_a_new_group_begins_at_the_earliest_record(self, log: EventLog, topic: str, join: Member) -> None:
        log.append(topic, numbered("k", range(3)))

        assert values(read(join(topic), 3)) == [b"0", b"1", b"2"]

    def test_a_new_group_begins_at_the_latest_if_it_asks_so(self, log: EventLog, topic: str, join: Member) -> None:
        log.append(topic, numbered("k", range(3)))
        member = join(topic, start="latest")
        poll_until([member], lambda: len(member.assignment()) == 6)
        before = {place: member.position(place) for place in member.assignment()}

        log.append(topic, numbered("k", range(3, 5)))

        assert sum(before.values()) == 3
        assert values(read(member, 2)) == [b"3", b"4"]

    # 7, 8
    @pytest.mark.parametrize("commits", [False, True])
    def test_after_a_kill_only_what_was_not_committed_comes_again(
        self, url: str, log: EventLog, impatient: EventLog, topic: str, group: str, join: Member, commits: bool
    ) -> None:
        log.append(topic, numbered("k", range(5)))
        kill_a_member_that_read(url, group, topic, 5, commits=commits)
        log.append(topic, numbered("k", range(5, 7)))

        heir = join(topic, of=impatient)
        records = read(heir, 2 if commits else 7)

        expected = range(5, 7) if commits else range(7)
        assert values(records) == [str(n).encode() for n in expected]

    def test_a_group_goes_on_where_it_committed(self, log: EventLog, topic: str, join: Member) -> None:
        log.append(topic, numbered("k", range(5)))
        first = join(topic)
        records = read(first, 5)
        first.commit(following(records[:3]))
        first.close()

        assert values(read(join(topic), 2)) == [b"3", b"4"]

    # 9
    def test_two_groups_read_independently(self, log: EventLog, topic: str, join: Member) -> None:
        log.append(topic, numbered("k", range(3)))
        one, other = join(topic), join(topic, group=new_name("others"))

        records = read(one, 3)
        one.commit(following(records))

        assert values(read(other, 3)) == values(records)

    # 10
    def test_two_members_share_and_never_hold_a_partition_both(self, log: EventLog, topic: str, join: Member) -> None:
        one, other = join(topic), join(topic)
        poll_until([one], lambda: len(one.assignment()) == 6)
        began = time.monotonic()
        held_twice: list[TopicPartition] = []

        def shared() -> bool:
            held_twice.extend(one.assignment() & other.assignment())
            return len(one.assignment()) == len(other.assignment()) == 3

        poll_until([one, other], shared)
        took = time.monotonic() - began

        assert held_twice == []
        assert took < self.handover_seconds
        log.append(topic, [NewRecord(str(n).encode(), b"x") for n in range(60)])
        places = {"one": one.assignment(), "other": other.assignment()}
        mine: list[Record] = []
        theirs: list[Record] = []
        until = time.monotonic() + 20
        while len(mine) + len(theirs) < 60 and time.monotonic() < until:
            mine += one.poll(0.1)
            theirs += other.poll(0.1)
        assert {(r.topic, r.partition) for r in mine} <= places["one"]
        assert {(r.topic, r.partition) for r in theirs} <= places["other"]
        assert len(mine) + len(theirs) == 60

    def test_who_leaves_hands_over_at_once(self, topic: str, join: Member) -> None:
        one, other = join(topic), join(topic)
        poll_until([one, other], lambda: len(one.assignment()) == len(other.assignment()) == 3)

        one.close()
        began = time.monotonic()
        poll_until([other], lambda: len(other.assignment()) == 6)

        assert time.monotonic() - began < self.handover_seconds

    # 11
    def test_when_a_member_dies_the_others_take_over(
        self, url: str, log: EventLog, impatient: EventLog, topic: str, group: str, join: Member
    ) -> None:
        log.append(topic, [NewRecord(str(n).encode(), b"x") for n in range(60)])
        survivor = join(topic, of=impatient)
        poll_until([survivor], lambda: len(survivor.assignment()) == 6)
        victim = start_member(url, group, topic, 1)
        poll_until([survivor], lambda: len(survivor.assignment()) == 3)

        victim.kill()
        victim.wait()
        poll_until([survivor], lambda: len(survivor.assignment()) == 6, seconds=30)

        assert len(survivor.assignment()) == 6

    # 12
    def test_a_stalled_members_commit_is_refused(
        self, log: EventLog, impatient: EventLog, narrow: str, join: Member
    ) -> None:
        log.append(narrow, numbered("k", range(5)))
        stalled, heir = join(narrow, of=impatient), join(narrow, of=impatient)
        records = read(stalled, 5)

        again = read(heir, 5)  # it may, once the other was silent for too long
        heir.commit(following(again))
        with pytest.raises(CommitRefused):
            stalled.commit(following(records[:2]))

        assert log.offsets(group_of(log, narrow), narrow) == {0: 5}

    def test_a_partition_that_is_not_held_cannot_be_committed(self, log: EventLog, topic: str, join: Member) -> None:
        one, other = join(topic), join(topic)
        poll_until([one, other], lambda: len(one.assignment()) == len(other.assignment()) == 3)

        with pytest.raises(CommitRefused):
            one.commit({min(other.assignment()): 0})

    # 13
    def test_a_commit_may_go_back(self, log: EventLog, narrow: str, join: Member) -> None:
        log.append(narrow, numbered("k", range(4)))
        first = join(narrow)
        read(first, 4)
        first.commit({(narrow, 0): 4})
        first.commit({(narrow, 0): 1})
        first.close()

        assert values(read(join(narrow), 3)) == [b"1", b"2", b"3"]

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

    # 17, 18
    def test_no_value_differs_from_an_empty_one(self, log: EventLog, topic: str) -> None:
        log.append(topic, [NewRecord(b"k", None), NewRecord(b"k", b""), NewRecord(b"", b"no key is not an empty key")])
        log.append(topic, [NewRecord(None, b"")])

        records = read_all(log, topic)

        assert by_key(records) == {b"k": [None, b""], b"": [b"no key is not an empty key"], None: [b""]}

    # 19
    def test_a_megabyte_is_taken_and_a_byte_more_is_not(self, log: EventLog, topic: str) -> None:
        largest = NewRecord(b"key", bytes(MAX_RECORD_BYTES - 3 - 2), (("a", "b"),))

        log.append(topic, [largest])
        with pytest.raises(RecordTooLarge):
            log.append(topic, [NewRecord(b"key", bytes(MAX_RECORD_BYTES - 2), ())])

        [record] = read_all(log, topic)
        assert record.value == largest.value

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

    def test_nothing_past_the_end_can_be_trimmed(self, log: EventLog, narrow: str) -> None:
        log.append(narrow, numbered("k", range(3)))

        with pytest.raises(OffsetOutOfRange):
            log.trim(narrow, {0: 4})

        assert log.start_offsets(narrow) == {0: 0}

    # 21
    def test_ends_and_places_give_the_lag_while_others_append(
        self, log: EventLog, narrow: str, group: str, join: Member
    ) -> None:
        member = join(narrow)
        sampled: list[int] = []
        writer = threading.Thread(target=lambda: [log.append(narrow, numbered("k", range(10))) for _ in range(20)])
        writer.start()
        while writer.is_alive():
            sampled.append(log.end_offsets(narrow)[0])
        writer.join()

        records = read(member, 200)
        member.commit(following(records[:150]))
        lag = log.end_offsets(narrow)[0] - log.offsets(group, narrow)[0]

        assert sampled == sorted(sampled)
        assert log.end_offsets(narrow) == {0: 200}
        assert lag == 50

    # 22
    def test_whatever_is_closed_says_so(self, url: str, topic: str, group: str) -> None:
        log = open_log(url, name="contract")
        member = log.subscribe(group, [topic])
        member.poll(0.1)
        member.close()
        member.close()
        place = (topic, 0)
        for use in (
            lambda: member.poll(0.1),
            lambda: member.commit({place: 0}),
            lambda: member.pause([place]),
            lambda: member.resume([place]),
            lambda: member.seek(place, 0),
            lambda: member.seek_to_time(datetime.now(UTC)),
            lambda: member.position(place),
            member.assignment,
        ):
            with pytest.raises(Closed):
                use()

        log.close()
        log.close()
        for call in (
            lambda: log.append(topic, []),
            lambda: log.append(topic, numbered("k", range(1))),
            lambda: log.subscribe(group, [topic]),
            lambda: log.reader([topic]),
            lambda: log.create_topic(topic),
            log.topics,
            lambda: log.start_offsets(topic),
            lambda: log.end_offsets(topic),
            log.groups,
            lambda: log.offsets(group, topic),
            lambda: log.reset(group, topic, {0: 0}),
            lambda: log.trim(topic, {0: 0}),
        ):
            with pytest.raises(Closed):
                call()

    def test_a_subscription_ends_with_its_log(self, url: str, topic: str, group: str) -> None:
        log = open_log(url, name="contract")
        member = log.subscribe(group, [topic])
        member.poll(0.1)

        log.close()

        with pytest.raises(Closed):
            member.poll(0.1)
        member.close()

    # 24
    @pytest.mark.parametrize("seed", [1, 2])
    def test_whatever_crashes_every_event_is_seen_and_first_seen_in_order(
        self, log: EventLog, topic: str, join: Member, seed: int
    ) -> None:
        chance = random.Random(seed)
        counts: dict[str, int] = {}
        batches = []
        for _ in range(50):
            batch = []
            for _ in range(200):
                key = f"client-{chance.randrange(40)}"
                counts[key] = counts.get(key, 0) + 1
                batch += numbered(key, range(counts[key], counts[key] + 1))
            batches.append(batch)
        crashes = sorted(chance.sample(range(500, 9500), 6))
        writer = threading.Thread(target=lambda: [log.append(topic, batch) for batch in batches])
        writer.start()

        seen = []
        distinct: set[tuple[bytes | None, bytes | None]] = set()
        member = join(topic)
        until = time.monotonic() + 90
        while len(distinct) < 10_000 and time.monotonic() < until:
            records = member.poll(0.5, chance.randrange(50, 500))
            seen += records
            distinct |= {(record.key, record.value) for record in records}
            if crashes and len(distinct) > crashes[0]:
                crashes.pop(0)  # handled, but not committed: all since the last commit comes again
                member.close()
                member = join(topic)
            elif records and chance.random() < 0.7:
                member.commit(following(records))
        writer.join()

        assert first_sights(seen) == {
            key.encode(): [str(n).encode() for n in range(1, count + 1)] for key, count in counts.items()
        }

    # beyond the numbered cases
    def test_there_is_no_topic_by_use(self, log: EventLog, group: str, join: Member) -> None:
        nowhere = new_name("rapport.nowhere")

        for use in (
            lambda: log.append(nowhere, numbered("k", range(1))),
            lambda: log.reader([nowhere]),
            lambda: log.start_offsets(nowhere),
            lambda: log.end_offsets(nowhere),
            lambda: log.offsets(group, nowhere),
            lambda: log.reset(group, nowhere, {0: 0}),
            lambda: log.trim(nowhere, {0: 0}),
            lambda: read(join(nowhere), 1),
        ):
            with pytest.raises(UnknownTopic):
                use()

        assert nowhere not in log.topics()

    def test_a_topic_is_created_once(self, log: EventLog, topic: str) -> None:
        log.append(topic, numbered("k", range(1)))

        log.create_topic(topic, partitions=9)

        assert log.topics()[topic] == 6
        assert sum(log.end_offsets(topic).values()) == 1

    @pytest.mark.parametrize("name", ["", ".", "..", "a b", "ä", "a/b", "x" * 250])
    def test_a_name_that_one_log_could_not_carry_is_refused_by_both(self, log: EventLog, name: str) -> None:
        with pytest.raises(ValueError, match="cannot name"):
            log.create_topic(name)
        with pytest.raises(ValueError, match="cannot name"):
            log.subscribe(name, ["rapport.any"])

    def test_a_group_at_rest_can_be_reset(self, log: EventLog, narrow: str, group: str, join: Member) -> None:
        log.append(narrow, numbered("k", range(5)))
        first = join(narrow)
        records = read(first, 5)
        first.commit(following(records))

        with pytest.raises(CommitRefused):
            log.reset(group, narrow, {0: 2})
        first.close()
        log.reset(group, narrow, {0: 2})

        assert group in log.groups()
        assert log.offsets(group, narrow) == {0: 2}
        assert values(read(join(narrow), 3)) == [b"2", b"3", b"4"]

    def test_a_group_can_be_given_a_place_before_it_ever_read(
        self, log: EventLog, narrow: str, group: str, join: Member
    ) -> None:
        log.append(narrow, numbered("k", range(5)))

        before = log.offsets(group, narrow)
        log.reset(group, narrow, {0: 3})

        assert before == {}
        assert values(read(join(narrow), 2)) == [b"3", b"4"]

    def test_what_does_not_exist_cannot_be_reset_or_trimmed(self, log: EventLog, narrow: str, group: str) -> None:
        for use in (log.trim, lambda topic, places: log.reset(group, topic, places)):
            with pytest.raises(LogError):
                use(narrow, {1: 0})
            with pytest.raises(OffsetOutOfRange):
                use(narrow, {0: -1})

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

    def test_a_group_reads_several_topics(self, log: EventLog, topic: str, narrow: str, group: str) -> None:
        log.append(topic, numbered("k", range(2)))
        log.append(narrow, numbered("k", range(2)))
        member = log.subscribe(group, [topic, narrow])

        records = read(member, 4)
        member.close()

        assert {(record.topic, record.value) for record in records} == {
            (name, value) for name in (topic, narrow) for value in (b"0", b"1")
        }

    def test_a_header_that_is_no_text_is_refused_by_both(self, log: EventLog, topic: str) -> None:
        with pytest.raises(ValueError, match="surrogates"):
            log.append(topic, [NewRecord(b"k", b"v", (("ce_id", "\ud800"),))])

        assert sum(log.end_offsets(topic).values()) == 0

    def test_neither_key_nor_value_is_no_record(self, log: EventLog, topic: str) -> None:
        with pytest.raises(ValueError, match="neither"):
            log.append(topic, [NewRecord(None, None)])

        assert sum(log.end_offsets(topic).values()) == 0


def group_of(log: EventLog, topic: str) -> str:
    """The one group that has committed a place in a topic of this test alone."""
    [group] = [name for name in log.groups() if name.startswith("readers.") and log.offsets(name, topic)]
    return group


def start_member(url: str, group: str, topic: str, count: int, *, commits: bool = False) -> "subprocess.Popen[bytes]":
    """A member in a process of its own."""
    command = [sys.executable, "-m", "tests.broker.member", url, group, topic, str(count)]
    return subprocess.Popen([*command, *(["commit"] if commits else [])], stdout=subprocess.PIPE, cwd=ROOT)


def kill_a_member_that_read(url: str, group: str, topic: str, count: int, *, commits: bool) -> None:
    """Let a process read, commit or not, and kill it."""
    victim = start_member(url, group, topic, count, commits=commits)
    assert victim.stdout is not None
    try:
        assert victim.stdout.readline() == b"read\n"
    finally:
        victim.kill()
        victim.wait()
        victim.stdout.close()
