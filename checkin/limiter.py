"""A brake on guessing: so many wrong links from one neighbourhood of addresses, then a pause."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from shared.web.networks import network_of

GUESSES = 20  # a family, a ward or a library behind one address mistypes less than this
PAUSE = timedelta(minutes=10)
MOST_NEIGHBOURHOODS = 10_000  # memory stays bounded under a flood; the longest quiet are forgotten first


class GuessLimiter:
    """
    Counts wrong links by network: /24 of IPv4, /56 of IPv6 (what one household is given).

    A link that is right opens whatever was guessed beside it: a ward or a library has one address for everybody.
    It lives in this process alone: with n processes a guesser has n times as many tries,
    which against 128 random bits is still nothing. It is a brake, not the lock.
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def is_paused(self, address: str | None, now: datetime) -> bool:
        """Tell whether this neighbourhood has guessed too often lately."""
        with self._lock:
            count, until = self._wrong.get(network_of(address), (0, now))
            return count >= GUESSES and now < until

    def wrong_guess(self, address: str | None, now: datetime) -> None:
        """Remember one wrong link; the pause begins with the first and is never prolonged by trying on."""
        place = network_of(address)
        with self._lock:
            count, until = self._wrong.get(place, (0, now + PAUSE))
            self._wrong[place] = (1, now + PAUSE) if now >= until else (count + 1, until)
            self._wrong.move_to_end(place)
            while len(self._wrong) > MOST_NEIGHBOURHOODS:
                self._wrong.popitem(last=False)
