"""
Which partition a key belongs to: the same answer as Kafka's Java client gives.

Source: Austin Appleby's murmur2 as in Kafka's `Utils.murmur2` and `BuiltInPartitioner`.
"""

from functools import lru_cache

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """
    The 32-bit hash of Kafka's Java client, signed as in Java.

    >>> murmur2(b"foobar")
    -790332482
    """
    length = len(data)
    h = (_SEED ^ length) & _MASK
    whole = length & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _M & _MASK
        k = (k ^ k >> 24) * _M & _MASK
        h = h * _M & _MASK ^ k
    if length != whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    h ^= h >> 15
    return h - (1 << 32) if h >> 31 else h


@lru_cache(maxsize=10_000)  # a clinic's clients come again and again, and the hash is slow in Python
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key among `partitions`, 0-based; it moves when their number changes, so that never does."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
