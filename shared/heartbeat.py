"""Beats: each loop says that it is alive and for how long that may be believed."""

import threading
import time
from collections.abc import Callable

Heartbeat = Callable[[float], None]  # called with the seconds until the next beat is due at the latest

LASTS = 30.0  # seconds a beat is believed, unless it says otherwise


def no_heartbeat(lasts: float) -> None:
    """For loops that nobody watches."""
    del lasts


class Heartbeats:
    """The beats of one process; its threads write, the health endpoint and the supervisor read."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._beats: dict[str, tuple[float, float]] = {}

    def of(self, name: str) -> Heartbeat:
        """The beat of one loop; it counts as alive from now on."""

        def beat(lasts: float = LASTS) -> None:
            with self._lock:
                self._beats[name] = (self._monotonic(), max(lasts, LASTS))

        beat(LASTS)
        return beat

    def forget(self, name: str) -> None:
        """A loop ended as it should."""
        with self._lock:
            self._beats.pop(name, None)

    def late(self, *, times: float = 1.0) -> list[str]:
        """Names of loops whose last beat is older than `times` as long as it said it would last."""
        now = self._monotonic()
        with self._lock:
            return sorted(name for name, (at, lasts) in self._beats.items() if now - at > lasts * times)
