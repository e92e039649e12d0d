"""
When everything of the demo clinic happened: pure dates, relative to today.

Half a year of therapy for each client at a fixed hour of the week, so that today has a full day
in it, whatever day today is.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEKS = 26
MINUTES = 50
_HOURS = (9, 10, 11, 13, 14, 15, 16)
_LONGEST_WAIT_WEEKS = 16  # the last client of the cast began this many weeks after the first


@dataclass(frozen=True, slots=True)
class Treatment:
    """One client's way through the clinic: local dates and times, oldest first."""

    client_no: int
    practitioner_no: int
    room_no: int
    referred: datetime
    accepted: datetime
    allocated: datetime
    sessions: tuple[datetime, ...]  # local starts, of the past and the next two weeks
    weekly: bool
    feedback_consent: bool
    supervision_consent: bool
    research_consent: bool


def working_days(today: date) -> tuple[int, ...]:
    """Weekdays (Monday 0) on which the clinic works: Monday to Friday, and today."""
    return tuple(sorted({0, 1, 2, 3, 4, today.weekday()}))


def treatments(today: date, *, clients: int, practitioners: int, seed: int = 7) -> list[Treatment]:
    """
    The calendar of the whole clinic; no two sessions of a practitioner, or in a room, overlap.

    Args:
        today: Local date of the first start.
        clients: How many people come.
        practitioners: How many give therapy.
        seed: The same seed gives the same clinic.
    """
    rng = random.Random(seed)
    days = working_days(today)
    slots = [list(_slots(days, today.weekday())) for _ in range(practitioners)]
    return [_treatment(today, no, slots, rng) for no in range(clients)]


def _slots(days: Sequence[int], weekday: int) -> Iterator[tuple[int, int]]:
    # Two hours of today's weekday for everybody come first: then today is a full day.
    yield from ((weekday, hour) for hour in (10, 14))
    for hour in _HOURS:
        for day in days:
            if (day, hour) not in {(weekday, 10), (weekday, 14)}:
                yield day, hour


def _treatment(today: date, no: int, slots: list[list[tuple[int, int]]], rng: random.Random) -> Treatment:
    practitioner = no % len(slots)
    weekday, hour = slots[practitioner].pop(0)
    # Those with a story to tell have been coming for long; others began one after another.
    began_weeks_ago = WEEKS - 3 if no < 9 else WEEKS - 3 - round(_LONGEST_WAIT_WEEKS * rng.random())
    weekly = no < 9 or rng.random() < 0.8
    first_day = today - timedelta(weeks=began_weeks_ago)
    first_day += timedelta(days=(weekday - first_day.weekday()) % 7)
    step = 1 if weekly else 2
    starts = [
        datetime.combine(first_day + timedelta(weeks=week), time(hour))
        for week in range(0, began_weeks_ago + 3, step)
        if no < 9 or rng.random() > 0.06  # holidays and colds
    ]
    referred = datetime.combine(first_day - timedelta(days=20), time(11, 20))
    return Treatment(
        client_no=no,
        practitioner_no=practitioner,
        room_no=practitioner,
        referred=referred,
        accepted=referred + timedelta(days=2, hours=1),
        allocated=referred + timedelta(days=9),
        sessions=tuple(starts),
        weekly=weekly,
        feedback_consent=no % 13 != 12,
        supervision_consent=no % 7 != 6,
        research_consent=no % 5 != 4,
    )
