"""How long the asker still waits: the one header that carries it from the pages to a service, and on to PostgreSQL."""

TIME_LEFT = "Rapport-Time-Left"  # whole milliseconds from 1; without it a service's own limits alone hold
LONGEST_MS = 60_000


def said(seconds: float) -> str:
    """
    The header's value; at least one millisecond.

    >>> [said(seconds) for seconds in (1.9996, 0.0004, 90)]
    ['1999', '1', '60000']
    """
    return str(max(1, min(int(seconds * 1000), LONGEST_MS)))


def heard(value: str) -> float:
    """
    Seconds of the header's value; raises ValueError for anything but 1 to 60000.

    >>> heard("1999")
    1.999
    """
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(LONGEST_MS))):
        raise ValueError("not a number of milliseconds")
    milliseconds = int(value)
    if not 0 < milliseconds <= LONGEST_MS:
        raise ValueError(f"not within 1 and {LONGEST_MS} milliseconds")
    return milliseconds / 1000
