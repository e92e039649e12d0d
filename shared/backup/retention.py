"""Which backups are kept: counted in days of UTC, which their names tell wherever they lie."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta

HOURS = timedelta(hours=24)  # of these all are kept
DAYS, WEEKS, MONTHS = 7, 5, 12

_RULES: tuple[tuple[int, Callable[[datetime], Hashable]], ...] = (
    (DAYS, lambda at: at.date()),
    (WEEKS, lambda at: at.isocalendar()[:2]),
    (MONTHS, lambda at: (at.year, at.month)),
)


def kept(made: Iterable[datetime], now: datetime) -> frozenset[datetime]:
    """
    Which of these backups to keep: all of the last 24 hours; else the newest of a day, of a week and of a month.

    Counted are the last 7 days, 5 weeks and 12 months *that have one*, so that time without
    backups costs no older ones. What is dated ahead of `now` is kept, and counts for nothing: a
    clock was wrong, and nobody can say which.

    >>> day = datetime(2026, 11, 30, 3)
    >>> sorted(at.day for at in kept([day - timedelta(days=back) for back in range(10)], day))
    [22, 24, 25, 26, 27, 28, 29, 30]
    """
    known = sorted(set(made), reverse=True)
    past = [at for at in known if at <= now]
    keep = {at for at in known if at > now - HOURS}
    for most, period_of in _RULES:
        newest_of: dict[Hashable, datetime] = {}
        for at in past:
            newest_of.setdefault(period_of(at), at)
        keep.update(sorted(newest_of.values(), reverse=True)[:most])
    return frozenset(keep)
