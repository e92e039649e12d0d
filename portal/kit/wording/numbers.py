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
