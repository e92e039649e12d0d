from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.appointments.domain.appointment import (
    UNDO_WITHIN,
    Appointment,
    ChangeNotAllowed,
    DetailDoesNotFit,
    Marking,
    MoveChangesNothing,
    NothingToUndo,
    TooEarly,
    WaiverNeedsReason,
    mark,
    move,
    undo,
)
from services.scheduling.appointments.domain.booking import Modality, MoveRequest
from services.scheduling.appointments.domain.status import ALLOWED, BLOCKING, CANCELLED, REASONS, Status, is_late
from services.scheduling.resources.domain.refusals import Refusal
from services.scheduling.resources.domain.zones import TimeOutOfReach
from tests.scheduling.practice import local

# A change never lowers the rank; going back is `undo`, which others hear about.
RANK = {Status.BOOKED: 1, Status.ARRIVED: 2} | dict.fromkeys(set(Status) - {Status.BOOKED, Status.ARRIVED}, 4)
START = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
AFTER = START + timedelta(hours=1)
DAYS_BEFORE = START - timedelta(days=3)


def appointment(status: Status = Status.BOOKED, **changes: object) -> Appointment:
    booked = Appointment(
        id=uuid4(),
        version=1,
        status=status,
        client_id=uuid4(),
        practitioner_id=uuid4(),
        room_id=None,
        type_code="individual",
        modality=Modality.IN_PERSON,
        starts_at=START,
        ends_at=START + timedelta(minutes=50),
        local_start=local("2026-03-10T15:00"),
        zone="Europe/Berlin",
        booked_at=DAYS_BEFORE,
        status_changed_at=DAYS_BEFORE,
    )
    return replace(booked, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("was", "to"), list(product(Status, Status)))
def test_an_appointment_moves_only_as_the_table_says(was: Status, to: Status) -> None:
    before = appointment(was)

    if to in ALLOWED[was] and to is not Status.LATE_CANCELLED:
        after = mark(before, Marking(to), now=AFTER)
        assert after.version == before.version + 1
        assert after.previous_status is was
    else:
        with pytest.raises(ChangeNotAllowed):
            mark(before, Marking(to), now=AFTER)


def test_a_rank_never_falls() -> None:
    assert all(RANK[to] > RANK[was] for was, next_ones in ALLOWED.items() for to in next_ones)


def test_a_missed_hour_was_kept_free_but_a_cancelled_one_is_not() -> None:
    assert Status.NO_SHOW in BLOCKING
    assert not BLOCKING & CANCELLED


@pytest.mark.parametrize(
    ("now", "late"),
    [
        (START - timedelta(hours=24), False),
        (START - timedelta(hours=24) + timedelta(seconds=1), True),
        (START - timedelta(minutes=1), True),
        (AFTER, True),
    ],
)
def test_a_client_cancels_late_within_24_hours(now: datetime, late: bool) -> None:
    cancelled = mark(appointment(), Marking(Status.CLIENT_CANCELLED), now=now)

    assert cancelled.late is late
    assert cancelled.status is (Status.LATE_CANCELLED if late else Status.CLIENT_CANCELLED)
    assert cancelled.attendance_code == "2"


def test_the_24_hours_are_elapsed_hours_also_when_the_clocks_change() -> None:
    # Sunday 29 March 2026, 15:00 in Berlin; the day before at 15:00 is only 23 hours earlier.
    hour = datetime(2026, 3, 29, 13, 0, tzinfo=UTC)
    same_wall_time_before = datetime(2026, 3, 28, 14, 0, tzinfo=UTC)

    assert is_late(hour, same_wall_time_before)
    assert not is_late(hour, hour - timedelta(hours=24))


def test_the_clinic_never_cancels_late() -> None:
    cancelled = mark(appointment(), Marking(Status.CLINIC_CANCELLED), now=START - timedelta(hours=1))

    assert (cancelled.status, cancelled.late, cancelled.reason_code) == (Status.CLINIC_CANCELLED, False, "prov")


def test_a_late_cancellation_is_waived_with_a_reason_only() -> None:
    an_hour_before = START - timedelta(hours=1)

    waived = mark(
        appointment(), Marking(Status.CLIENT_CANCELLED, reason_code="pat-lt", waive_late=True), now=an_hour_before
    )

    assert (waived.status, waived.late, waived.late_waived) == (Status.CLIENT_CANCELLED, False, True)
    with pytest.raises(WaiverNeedsReason):
        mark(appointment(), Marking(Status.CLIENT_CANCELLED, waive_late=True), now=an_hour_before)


@pytest.mark.parametrize(
    "marking",
    [
        Marking(Status.COMPLETED, reason_code="pat"),
        Marking(Status.CLIENT_CANCELLED, reason_code="because"),
        Marking(Status.CLINIC_CANCELLED, waive_late=True, reason_code="prov"),
        Marking(Status.NO_SHOW, late_start=True),
    ],
)
def test_a_detail_belongs_to_its_own_change(marking: Marking) -> None:
    with pytest.raises(DetailDoesNotFit):
        mark(appointment(), marking, now=AFTER)


@pytest.mark.parametrize("to", [Status.COMPLETED, Status.NO_SHOW])
def test_an_hour_is_not_over_before_it_began(to: Status) -> None:
    with pytest.raises(TooEarly):
        mark(appointment(), Marking(to), now=START - timedelta(seconds=1))

    assert mark(appointment(), Marking(to), now=START).status is to


def test_a_client_arrives_on_the_day_by_the_practices_own_calendar() -> None:
    berlin_midnight = datetime(2026, 3, 9, 23, 0, tzinfo=UTC)

    with pytest.raises(TooEarly):
        mark(appointment(), Marking(Status.ARRIVED), now=berlin_midnight - timedelta(seconds=1))

    assert mark(appointment(), Marking(Status.ARRIVED), now=berlin_midnight).status is Status.ARRIVED


@pytest.mark.parametrize(
    ("was", "marking", "code"),
    [
        (Status.BOOKED, Marking(Status.COMPLETED), "5"),
        (Status.ARRIVED, Marking(Status.COMPLETED, late_start=True), "6"),
        (Status.BOOKED, Marking(Status.NO_SHOW), "3"),
        (Status.ARRIVED, Marking(Status.NO_SHOW), "7"),
        (Status.BOOKED, Marking(Status.CLINIC_CANCELLED), "4"),
        (Status.BOOKED, Marking(Status.ARRIVED), None),
    ],
)
def test_attendance_is_coded_as_the_nhs_does(was: Status, marking: Marking, code: str | None) -> None:
    assert mark(appointment(was), marking, now=AFTER).attendance_code == code


def test_a_wrong_tick_is_taken_back_within_three_minutes() -> None:
    missed = mark(appointment(), Marking(Status.NO_SHOW), now=AFTER)

    reopened = undo(missed, now=AFTER + UNDO_WITHIN)

    assert (reopened.status, reopened.version, reopened.attendance_code) == (Status.BOOKED, 3, None)
    with pytest.raises(NothingToUndo):
        undo(missed, now=AFTER + UNDO_WITHIN + timedelta(seconds=1))


def test_what_was_taken_back_is_not_taken_back_again() -> None:
    reopened = undo(mark(appointment(), Marking(Status.NO_SHOW), now=AFTER), now=AFTER)

    with pytest.raises(NothingToUndo):
        undo(reopened, now=AFTER)


def test_only_a_booked_hour_is_moved() -> None:
    for status in set(Status) - {Status.BOOKED}:
        with pytest.raises(ChangeNotAllowed):
            move(appointment(status), MoveRequest(local("2026-03-11T15:00")), now=AFTER)


def test_a_move_to_where_it_is_already_is_refused() -> None:
    here = appointment()

    with pytest.raises(MoveChangesNothing):
        move(here, MoveRequest(here.local_start, minutes=50), now=DAYS_BEFORE)


@pytest.mark.parametrize("day", [local("2026-02-10T15:00"), local("2028-03-10T15:00")])
def test_an_hour_is_moved_within_reach_only(day: datetime) -> None:
    with pytest.raises(TimeOutOfReach):
        move(appointment(), MoveRequest(day), now=DAYS_BEFORE)


@given(
    steps=st.lists(st.tuples(st.sampled_from(Status), st.sampled_from([None, *REASONS])), max_size=6),
    undo_after=st.integers(0, 6),
)
def test_whatever_is_tried_each_success_is_one_version(steps: list[tuple[Status, str | None]], undo_after: int) -> None:
    current = appointment()
    for place, (to, reason) in enumerate(steps):
        try:
            after = mark(current, Marking(to, reason_code=reason), now=AFTER)
        except Refusal:
            after = current
        assert after is current or (after.version == current.version + 1 and RANK[after.status] > RANK[current.status])
        current = after
        if place == undo_after and current.previous_status:
            back_to = current.previous_status
            current = undo(current, now=AFTER)
            assert current.status is back_to
    assert current.late == (current.status is Status.LATE_CANCELLED)
    assert (current.reason_code is not None) == (current.status in CANCELLED)
