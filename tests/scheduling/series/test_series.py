from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.status import Status
from services.scheduling.resources.commands import keep_diary
from services.scheduling.resources.domain.zones import TimeOutOfReach
from services.scheduling.series import commands as series
from services.scheduling.series import store
from services.scheduling.series.domain import Series, SeriesBlocked, SeriesUnknown
from tests.scheduling.practice import NOW, TUESDAY_15, Practice, days, local

WEEK = timedelta(weeks=1)


def cancel(practice: Practice, booked: Series, *, now: datetime, by: str = "clinic") -> list[Appointment]:
    return practice.run(
        lambda tx: series.cancel_series(tx, booked.id, by=by, reason_code=None, scope=practice.desk(), now=now)
    )


def dates_of(practice: Practice, booked: Series) -> list[Appointment]:
    return practice.run(lambda tx: store.dates(tx, practice.desk(), booked.id))


def test_a_weekly_series_is_rows_each_with_its_own_event(practice: Practice) -> None:
    booked = practice.book_series(6, room_id=practice.room("Room 1"))

    assert [a.local_start for a in booked.appointments] == [TUESDAY_15 + week * WEEK for week in range(6)]
    assert [a.starts_at.hour for a in booked.appointments] == [14, 14, 14, 13, 13, 13]  # the clocks change on 29 March
    assert all(practice.kinds(a) == ["booked"] for a in booked.appointments)
    assert (booked.rule, booked.skipped) == ("FREQ=WEEKLY;COUNT=6", [])


def test_a_series_blocked_on_some_dates_lists_them_offers_skip_or_move_and_half_creates_nothing(
    practice: Practice,
) -> None:
    other = uuid4()
    practice.welcome(other, "K-2000", practice.ana)
    practice.book(client_id=other, local_start=TUESDAY_15 + 2 * WEEK)
    practice.book(local_start=TUESDAY_15 + 4 * WEEK + timedelta(minutes=20))
    told = len(practice.published())

    with pytest.raises(SeriesBlocked) as refused:
        practice.book_series(6)

    blocked = [(b.local_start, {c.kind for c in b.clashes}) for b in refused.value.blocked]
    assert blocked == [
        (TUESDAY_15 + 2 * WEEK, {"practitioner"}),
        (TUESDAY_15 + 4 * WEEK, {"practitioner", "client"}),
    ]
    assert refused.value.errors[0][0] == "dates.2026-03-24T15:00"
    assert len(practice.published()) == told
    assert practice.run(lambda tx: tx.value("SELECT count(*) FROM appointment")) == 2
    assert practice.run(lambda tx: tx.value("SELECT count(*) FROM series")) == 0

    skipping = practice.book_series(6, skip_conflicts=True)

    assert len(skipping.appointments) == 4
    assert skipping.skipped == [TUESDAY_15 + 2 * WEEK, TUESDAY_15 + 4 * WEEK]


def test_a_series_without_a_single_free_date_is_refused_even_when_skipping(practice: Practice) -> None:
    practice.book_series(3)

    with pytest.raises(SeriesBlocked, match=r"3 of 3 dates are taken, nothing was booked\. Choose another time\.$"):
        practice.book_series(3, skip_conflicts=True)


def test_a_series_reaches_no_further_than_a_single_hour(practice: Practice) -> None:
    with pytest.raises(TimeOutOfReach):
        practice.book_series(60, local_start=TUESDAY_15 + days(300))


def test_the_weekday_holds_when_the_browser_zone_differs(practice: Practice) -> None:
    late_evening = local("2026-03-09T23:30")  # already Tuesday in Tokyo, still Monday in New York

    booked = practice.book_series(8, local_start=late_evening, zone="America/New_York")

    assert {(a.local_start.weekday(), a.local_start.time()) for a in booked.appointments} == {(0, late_evening.time())}
    assert {a.zone for a in booked.appointments} == {"America/New_York"}


def test_a_status_on_one_date_leaves_the_other_dates(practice: Practice) -> None:
    booked = practice.book_series(4)
    second = booked.appointments[1]

    practice.mark(second, Status.NO_SHOW, now=second.ends_at)

    assert [a.status.value for a in dates_of(practice, booked)] == ["booked", "no_show", "booked", "booked"]


def test_a_date_that_is_moved_keeps_its_place_in_the_series(practice: Practice) -> None:
    booked = practice.book_series(3)

    moved = practice.move(booked.appointments[1], TUESDAY_15 + WEEK + days(1))

    assert (moved.detached, moved.recurrence_id) == (True, TUESDAY_15 + WEEK)
    assert [a.detached for a in dates_of(practice, booked)] == [False, True, False]


def test_cancelling_a_series_leaves_past_and_attended_dates(practice: Practice) -> None:
    booked = practice.book_series(6)
    first, second, third, fourth, *_ = booked.appointments
    practice.mark(first, Status.COMPLETED, now=first.ends_at)
    practice.move(fourth, TUESDAY_15 + 3 * WEEK + days(1))
    practice.mark(third, Status.ARRIVED, now=third.starts_at)

    gone = cancel(practice, booked, now=third.starts_at)

    assert [a.recurrence_id for a in gone] == [TUESDAY_15 + 4 * WEEK, TUESDAY_15 + 5 * WEEK]
    assert [a.status.value for a in dates_of(practice, booked)] == [
        "completed",
        "booked",
        "arrived",
        "booked",
        "clinic_cancelled",
        "clinic_cancelled",
    ]
    assert second.status is Status.BOOKED


def test_when_a_client_calls_off_a_series_only_tomorrow_is_late(practice: Practice) -> None:
    booked = practice.book_series(3)

    gone = cancel(practice, booked, now=booked.appointments[0].starts_at - timedelta(hours=2), by="client")

    assert [a.late for a in gone] == [True, False, False]
    assert practice.kinds(booked.appointments[0]) == ["booked", "cancelled"]


def test_a_colleagues_series_cannot_be_called_off(practice: Practice) -> None:
    booked = practice.book_series(3)

    with pytest.raises(SeriesUnknown):
        practice.run(
            lambda tx: series.cancel_series(
                tx, booked.id, by="clinic", reason_code=None, scope=practice.therapist(practice.ben), now=NOW
            )
        )


def test_a_practitioner_who_changes_zone_keeps_the_instants_of_all_appointments(practice: Practice) -> None:
    booked = practice.book_series(3)

    practice.run(lambda tx: keep_diary(tx, practice.ana, "Europe/Lisbon", now=NOW))

    assert dates_of(practice, booked) == booked.appointments
    assert practice.book(local_start=TUESDAY_15 + days(1)).zone == "Europe/Lisbon"
