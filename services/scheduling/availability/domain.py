"""Which free times to offer first: the client's usual one, then what is closest to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.scheduling.resources.domain.zones import Clock, clock_at, end_of, to_instant, to_local

DAYS_AHEAD = 28
MOST = 5
WORKDAYS = range(5)  # Monday to Friday, unless the usual time lies elsewhere
FULL_HOURS = tuple(time(hour) for hour in range(9, 18))
USUAL_MINUTES = 50


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A free time; `is_usual` when weekday and time are those of last time."""

    local_start: datetime
    zone: str
    starts_at: datetime
    ends_at: datetime
    is_usual: bool


def suggest(
    busy: Sequence[tuple[datetime, datetime]],
    *,
    usual: datetime | None,
    zone: str,
    minutes: int,
    now: datetime,
) -> list[Suggestion]:
    """
    Up to five free times within the next 28 days.

    Same weekday and time as last time come first, then the same time on other days,
    then the same weekday at other full hours, then anything from Monday to Friday,
    9 to 18 o'clock; each group in order of time. A time that the clocks skip or
    repeat is never offered.

    Args:
        busy: Half-open intervals (UTC) in which client or practitioner are taken.
        usual: Local start of the last appointment these two had or planned, None if there is none.
        zone: The practitioner's zone.
        minutes: Length wanted.
        now: Nothing before it is offered.
    """
    found = []
    for local in sorted(_candidates(to_local(now, zone).date(), usual), key=lambda c: (_distance(c, usual), c)):
        if clock_at(local, zone) is not Clock.PLAIN:
            continue
        start = to_instant(local, zone)
        end = end_of(start, minutes)
        if start > now and not _overlaps(start, end, busy):
            found.append(
                Suggestion(local, zone, start, end, is_usual=usual is not None and _distance(local, usual) == 0)
            )
        if len(found) == MOST:
            break
    return found


def _candidates(today: date, usual: datetime | None) -> Iterator[datetime]:
    times = {*FULL_HOURS, usual.time()} if usual else set(FULL_HOURS)
    for day in range(DAYS_AHEAD + 1):
        on = today + timedelta(days=day)
        if on.weekday() in WORKDAYS or (usual and on.weekday() == usual.weekday()):
            yield from (datetime.combine(on, at) for at in times)


def _distance(local: datetime, usual: datetime | None) -> int:
    if usual is None:
        return 0
    same_day, same_time = local.weekday() == usual.weekday(), local.time() == usual.time()
    if same_day and same_time:
        return 0
    if same_time:
        return 1
    return 2 if same_day else 3


def _overlaps(start: datetime, end: datetime, busy: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(taken < end and start < free_again for taken, free_again in busy)
