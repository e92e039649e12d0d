"""
Horizon: whether the log still reaches back to the beginning of every story.

On a whole log the first event heard of an aggregate has sequence 1, and anything else is
a gap: the relay may send a batch whose later part arrived before the earlier one, also
about somebody new. Once the oldest events are trimmed, a group that begins then meets
stories in the middle, and takes them up there.
"""

import time
from collections.abc import Callable

from shared.eventlog.interface import EventLog, Record

_KEPT_SECONDS = 60.0


class LogStart:
    """Asks the log for its oldest offsets, at most once a minute and topic, and only when it matters."""

    def __init__(self, log: EventLog, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, dict[int, int]]] = {}

    def is_behind(self, record: Record) -> bool:
        """
        Tell whether events older than the oldest of this record's partition are gone.

        Raises:
            LogError: the log could not be asked.
        """
        asked_at, starts = self._known.get(record.topic, (float("-inf"), {}))
        if self._monotonic() - asked_at > _KEPT_SECONDS:
            starts = self._log.start_offsets(record.topic)
            self._known[record.topic] = (self._monotonic(), starts)
        return starts.get(record.partition, 0) > 0
