"""Identifiers: UUIDv7, so that ids sort by the time they were made (RFC 9562, 5.7)."""

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """
    Make a new UUIDv7.

    Monotonic within one process, even when the clock steps back: the 12 bits
    after the milliseconds count up and, once exhausted, borrow from the next
    millisecond (RFC 9562, 6.2, method 1).
    """
    global _last  # noqa: PLW0603 - the counter is the point
    with _lock:
        _last = max(_last + 1, (time.time_ns() // 1_000_000) << 12)
        ticks = _last
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = ((ticks >> 12) & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random
    return uuid.UUID(int=value)
