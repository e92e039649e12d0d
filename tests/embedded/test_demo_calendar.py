from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.demo.calendar import WEEKS, treatments
from embedded.demo.cast import CLIENTS, STAFF

THERAPISTS = sum("therapist" in worker.roles for worker in STAFF)


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_no_practitioner_of_the_demo_clinic_is_in_two_places(today: date) -> None:
    calendar = treatments(today, clients=len(CLIENTS), practitioners=THERAPISTS)

    hours = Counter((one.practitioner_no, start) for one in calendar for start in one.sessions)

    assert set(hours.values()) == {1}


@pytest.mark.parametrize("today", [date(2026, 11, 23) + timedelta(days=n) for n in range(7)])
def test_today_is_a_full_day_whatever_day_it_is(today: date) -> None:
    calendar = treatments(today, clients=len(CLIENTS), practitioners=THERAPISTS)

    todays = [start for one in calendar for start in one.sessions if start.date() == today]

    assert len(todays) >= 12


def test_the_clinic_has_half_a_year_behind_it_and_two_weeks_before_it() -> None:
    today = date(2026, 11, 23)
    calendar = treatments(today, clients=len(CLIENTS), practitioners=THERAPISTS)
    starts = sorted(start for one in calendar for start in one.sessions)

    assert len(CLIENTS) >= 40
    assert THERAPISTS >= 5
    assert min(one.referred for one in calendar) > datetime.combine(today, datetime.min.time()) - timedelta(
        weeks=WEEKS + 1
    )
    assert starts[0].date() < today - timedelta(weeks=22)
    assert starts[-1].date() > today + timedelta(weeks=1)
    assert len(starts) > 700


def test_the_same_day_gives_the_same_clinic() -> None:
    assert treatments(date(2026, 11, 23), clients=5, practitioners=2) == treatments(
        date(2026, 11, 23), clients=5, practitioners=2
    )
