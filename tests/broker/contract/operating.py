"""What operators rely on: ends and places, topics, resets, trimming, closing."""

import threading
from datetime import UTC, datetime

import pytest

from shared.eventlog.connect import open_log
from shared.eventlog.interface import (
    Closed,
    CommitRefused,
    EventLog,
    LogError,
    OffsetOutOfRange,
    UnknownTopic,
)
from tests.broker.contract.base import Contract, Member
from tests.broker.reading import (
    following,
    new_name,
    numbered,
    read,
    values,
)


class OperatingContract(Contract):
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
