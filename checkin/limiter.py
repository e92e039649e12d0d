"""A brake on guessing: so many wrong links from one neighbourhood of addresses, then a pause."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

GUESSES = 20  # a family, a ward or a library behind one address mistypes less than this
PAUSE = timedelta(minutes=10)
MOST_NEIGHBOURHOODS = 10_000  # memory stays bounded under a flood; the longest quiet are forgotten first


class GuessLimiter:
    """
    Counts wrong links by network: /24 of IPv4, /56 of IPv6 (what one household is given).

    It lives in this process alone: with n processes a guesser has n times as many tries,
    which against 128 random bits is still nothing. It is a brake, not the lock.
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def is_paused(self, address: str | None, now: datetime) -> bool:
        """Tell whether this neighbourhood has guessed too often lately."""
        with self._lock:
            count, until = self._wrong.get(neighbourhood(address), (0, now))
            return count >= GUESSES and now < until

    def wrong_guess(self, address: str | None, now: datetime) -> None:
        """Remember one wrong link; the pause begins with the first and is never prolonged by trying on."""
        place = neighbourhood(address)
        with self._lock:
            count, until = self._wrong.get(place, (0, now + PAUSE))
            self._wrong[place] = (1, now + PAUSE) if now >= until else (count + 1, until)
            self._wrong.move_to_end(place)
            while len(self._wrong) > MOST_NEIGHBOURHOODS:
                self._wrong.popitem(last=False)


def neighbourhood(address: str | None) -> str:
    """
    The network an address stands for; anything unreadable shares one.

    >>> neighbourhood("192.0.2.77"), neighbourhood("2001:db8:1:23ff::9"), neighbourhood(None)
    ('192.0.2.0/24', '2001:db8:1:2300::/56', 'unknown')
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network(f"{found}/{24 if found.version == 4 else 56}", strict=False))
