"""What append promises: records as they were given, in order, durable, within limits."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shared.eventlog.connect import open_log
from shared.eventlog.interface import (
    MAX_RECORD_BYTES,
    EventLog,
    NewRecord,
    RecordTooLarge,
)
from shared.eventlog.partitioner import partition_of
from tests.broker.contract.base import Contract, Member
from tests.broker.reading import (
    by_key,
    numbered,
    read,
    read_all,
)


class WritingContract(Contract):
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

    def test_a_header_that_is_no_text_is_refused_by_both(self, log: EventLog, topic: str) -> None:
        with pytest.raises(ValueError, match="surrogates"):
            log.append(topic, [NewRecord(b"k", b"v", (("ce_id", "\ud800"),))])

        assert sum(log.end_offsets(topic).values()) == 0

    def test_neither_key_nor_value_is_no_record(self, log: EventLog, topic: str) -> None:
        with pytest.raises(ValueError, match="neither"):
            log.append(topic, [NewRecord(None, None)])

        assert sum(log.end_offsets(topic).values()) == 0
