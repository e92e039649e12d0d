"""What groups promise: each record to one member, again after a crash, never to two at a time."""

import random
import threading
import time

import pytest

from shared.eventlog.interface import (
    CommitRefused,
    EventLog,
    NewRecord,
    Record,
    TopicPartition,
)
from tests.broker.contract.base import Contract, Member
from tests.broker.processes import group_of, kill_a_member_that_read, start_member
from tests.broker.reading import (
    first_sights,
    following,
    new_name,
    numbered,
    poll_until,
    read,
    values,
)


class SharingContract(Contract):
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

    def test_a_group_reads_several_topics(self, log: EventLog, topic: str, narrow: str, group: str) -> None:
        log.append(topic, numbered("k", range(2)))
        log.append(narrow, numbered("k", range(2)))
        member = log.subscribe(group, [topic, narrow])

        records = read(member, 4)
        member.close()

        assert {(record.topic, record.value) for record in records} == {
            (name, value) for name in (topic, narrow) for value in (b"0", b"1")
        }
