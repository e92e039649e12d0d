"""Wake-up: one connection per log that LISTENs, so that a reader hears of a record within milliseconds."""

import logging
import os
import select
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import psycopg

from shared.eventlog.postgres.connections import Connections, TimedConnection

CHANNEL = "rapport_log"
_AGAIN_SECONDS = 2.0

logger = logging.getLogger(__name__)


def group_channel(group: str) -> str:
    """What a notification says when the members of a group change; ":" stands in no topic's name."""
    return f"group:{group}"


class Listener:
    """
    Counts notifications per topic and group, in a thread that sleeps until one comes.

    Never relied on: who waits also looks for itself each second.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._heard: Counter[str] = Counter()
        self._connected = 0
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._bell_out, self._bell_in = os.pipe()

    def start(self) -> None:
        """Begin to listen; does nothing the second time."""
        with self._condition:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="log-listener", daemon=True)
                self._thread.start()

    def news(self, channels: Sequence[str]) -> int:
        """A number that changes when something was heard on one of the channels, or may have been missed."""
        with self._condition:
            return self._news(channels)

    def wait(self, channels: Sequence[str], seen: int, timeout: float) -> None:
        """Sleep until `news` differs from `seen`, at most `timeout` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._closed or self._news(channels) != seen, max(0.0, timeout))

    def close(self) -> None:
        """Stop the thread and wake everyone who waits; safe to call twice."""
        with self._condition:
            if self._closed:
                return
            self._closed = True
            self._condition.notify_all()
            thread = self._thread
        os.write(self._bell_in, b"x")
        if thread is not None:
            thread.join(10)
        os.close(self._bell_in)
        os.close(self._bell_out)

    def _news(self, channels: Sequence[str]) -> int:
        return self._connected + sum(self._heard[channel] for channel in channels)

    def _run(self) -> None:
        while not self._closed:
            try:
                connection = self._connections.connect(time.monotonic() + 5)
            except (psycopg.Error, OSError):
                self._bell(_AGAIN_SECONDS)
                continue
            with suppress(psycopg.Error, OSError):
                self._listen(connection)
            with suppress(psycopg.Error, OSError):
                connection.close()
            if not self._closed:
                logger.warning("wake-up from the log was lost; polling each second until it is back")
                self._bell(_AGAIN_SECONDS)

    def _listen(self, connection: TimedConnection) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        with self._condition:
            self._connected += 1  # something may have come before we listened
            self._condition.notify_all()
        while not self._bell(None, connection):
            heard = [note.payload for note in connection.notifies(timeout=0)]
            with self._condition:
                self._heard.update(heard)
                self._condition.notify_all()

    def _bell(self, timeout: float | None, connection: TimedConnection | None = None) -> bool:
        """Sleep until the connection has something to say; tells whether `close` rang."""
        poll = select.poll()
        poll.register(self._bell_out, select.POLLIN)
        if connection is not None:
            poll.register(connection.fileno(), select.POLLIN)
        ready = poll.poll(None if timeout is None else timeout * 1000)
        return any(descriptor == self._bell_out for descriptor, _ in ready)
