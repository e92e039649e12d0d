"""When a parked event is tried again, and when a consumer stops because too much fails."""

from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (1, 5, 30, 120, 600))
JITTER = 0.2  # +-, so that events parked together are not tried together
LONGEST_RETRY = RETRY_AFTER[-1] * (1 + JITTER)

MAX_KEYS = 20
MAX_IN_A_ROW = 20  # failures of one partition without a success between them
MAX_RATIO = 0.2
WINDOW = 200  # events; no ratio is formed over fewer


class TooManyParked(Exception):
    """So much fails that the fault is ours, not the events': the consumer stops."""


def is_due(next_attempt_at: datetime | None, now: datetime) -> bool:
    """
    Tell whether an attempt is due; one further ahead than any pause was set by a clock that has been put right since.

    >>> now = datetime(2026, 3, 2, 9)
    >>> [is_due(at, now) for at in (None, now, now + timedelta(minutes=12), now + timedelta(hours=1))]
    [False, True, False, True]
    """
    return next_attempt_at is not None and not now < next_attempt_at <= now + LONGEST_RETRY


def next_delay(attempts: int, jitter: float) -> timedelta | None:
    """
    The time until the next attempt after `attempts` failed ones (1 or more); None: a person must look.

    Args:
        attempts: Failed attempts so far.
        jitter: A random number in 0-1.

    >>> [next_delay(n, 0.5).total_seconds() for n in (1, 2, 3, 4, 5)], next_delay(6, 0.5)
    ([1.0, 5.0, 30.0, 120.0, 600.0], None)
    """
    if attempts > len(RETRY_AFTER):
        return None
    return RETRY_AFTER[attempts - 1] * (1 - JITTER + 2 * JITTER * jitter)


class Limits:
    """
    Counts failures of first attempts and says when to stop.

    A bad release must not drain a topic into the parking place (as arroyo's DlqLimit).
    Counts live in memory: a restart begins anew.
    """

    def __init__(self) -> None:
        self._in_a_row: dict[Hashable, int] = {}
        self._recent: deque[bool] = deque(maxlen=WINDOW)

    def succeeded(self, partition: Hashable, events: int = 1) -> None:
        """Note events that were handled, or dropped or ignored by rule."""
        self._in_a_row.pop(partition, None)
        self._recent.extend([False] * min(events, WINDOW))

    def failed(self, partition: Hashable, parked_keys: int) -> None:
        """
        Note an event that had to be parked.

        Raises:
            TooManyParked: 20 keys are parked, or 20 events of a partition failed in
                a row, or 20 % of the last 200 events failed.
        """
        in_a_row = self._in_a_row.get(partition, 0) + 1
        self._in_a_row[partition] = in_a_row
        self._recent.append(True)
        if parked_keys >= MAX_KEYS:
            raise TooManyParked(f"{parked_keys} keys are parked, the limit is {MAX_KEYS}")
        if in_a_row >= MAX_IN_A_ROW:
            raise TooManyParked(f"{in_a_row} events of one partition failed in a row")
        if len(self._recent) == WINDOW and sum(self._recent) >= MAX_RATIO * WINDOW:
            raise TooManyParked(f"{sum(self._recent)} of the last {WINDOW} events failed")
