"""A share as it is read aloud."""

from portal.clients.feedback.figures import Number


def percent(share: float) -> str:
    """
    A share in percent; what is neither nothing nor all does not become it by rounding.

    >>> percent(0.666), percent(0.004), percent(1.0)
    ('67%', 'under 1%', '100%')
    """
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 <= share < 1:
        return "over 99%"
    return f"{int(100 * share + 0.5)}%"


def share_words(told: Number) -> str:
    """A share that is told; nothing for one that is not."""
    if told.value is None:
        return ""
    return f"{'at least ' if told.at_least else ''}{percent(told.value)}"
