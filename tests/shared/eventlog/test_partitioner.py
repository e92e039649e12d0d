import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventlog.partitioner import murmur2, partition_of


# From Kafka's own UtilsTest.java.
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_javas(data: bytes, expected: int) -> None:
    assert murmur2(data) == expected


@given(st.binary(), st.integers(1, 100))
def test_every_key_has_a_partition(key: bytes, partitions: int) -> None:
    assert -(2**31) <= murmur2(key) < 2**31
    assert 0 <= partition_of(key, partitions) < partitions


@given(st.binary(min_size=1, max_size=40))
def test_the_partition_is_the_one_kafka_python_chooses(key: bytes) -> None:
    from kafka.partitioner.default import murmur2 as theirs

    assert murmur2(key) & 0x7FFFFFFF == theirs(key) & 0x7FFFFFFF
