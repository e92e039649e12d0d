"""Numbers in sentences: one decimal at most, none where it would be zero."""


def number(value: object) -> str:
    """
    A figure as it is read aloud.

    >>> number(40.0), number(33.52), number("03"), number(None)
    ('40', '33.5', '03', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:.1f}".removesuffix(".0")


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
