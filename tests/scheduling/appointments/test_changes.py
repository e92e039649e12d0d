from datetime import timedelta
from uuid import uuid4

import pytest

from services.scheduling.appointments import queries
from services.scheduling.appointments.domain.appointment import AppointmentUnknown, ChangedMeanwhile
from services.scheduling.appointments.domain.occupancy import SlotTaken
from services.scheduling.appointments.domain.status import Status
from services.scheduling.care.domain import NotYourDiary
from services.scheduling.resources.domain.resources import RoomUnknown
from tests.scheduling.practice import NOW, TUESDAY_15, Practice, days


def test_every_change_is_one_version_and_one_event_without_a_gap(practice: Practice) -> None:
    booked = practice.book()
    moved = practice.move(booked, TUESDAY_15 + days(1))
    came = practice.mark(moved, Status.ARRIVED, now=moved.starts_at)
    held = practice.mark(came, Status.COMPLETED, now=moved.ends_at)
    reopened = practice.undo(held, now=moved.ends_at + timedelta(minutes=1))

    about = [e for e in practice.published() if e["subject"] == f"appointment/{booked.id}"]
    assert [e["sequence"] for e in about] == [1, 2, 3, 4, 5]
    assert practice.kinds(booked) == ["booked", "moved", "arrived", "held", "reopened"]
    assert {e["key"] for e in about} == {str(practice.mara)}
    assert (reopened.status, reopened.version) == (Status.ARRIVED, 5)
    assert about[-1]["data"]["previous_status"] == "completed"
    assert about[-1]["data"]["status"] == "arrived"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(practice: Practice) -> None:
    seen = practice.book()
    practice.move(seen, TUESDAY_15 + days(1))

    with pytest.raises(ChangedMeanwhile):
        practice.mark(seen, Status.CLINIC_CANCELLED, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        practice.move(seen, TUESDAY_15 + days(2))


def test_an_undone_cancellation_takes_its_time_back(practice: Practice) -> None:
    cancelled = practice.mark(practice.book(), Status.CLIENT_CANCELLED, now=NOW)

    practice.undo(cancelled, now=NOW)

    with pytest.raises(SlotTaken):
        practice.book()


def test_a_cancellation_cannot_be_undone_once_somebody_has_the_hour(practice: Practice) -> None:
    other = uuid4()
    practice.welcome(other, "K-2000", practice.ana)
    cancelled = practice.mark(practice.book(), Status.CLIENT_CANCELLED, now=NOW)
    practice.book(client_id=other)

    with pytest.raises(SlotTaken) as refused:
        practice.undo(cancelled, now=NOW)

    assert [clash.kind for clash in refused.value.clashes] == ["practitioner"]


def test_an_hour_moves_by_half_an_hour_over_its_own_old_time(practice: Practice) -> None:
    booked = practice.book()

    moved = practice.move(booked, TUESDAY_15 + timedelta(minutes=30), minutes=90)

    assert (moved.minutes, moved.version) == (90, 2)
    with pytest.raises(SlotTaken):
        practice.book(local_start=TUESDAY_15 + timedelta(minutes=100))


def test_a_move_changes_or_gives_up_the_room(practice: Practice) -> None:
    one, two = practice.room("Room 1"), practice.room("Room 2")
    booked = practice.book(room_id=one)

    elsewhere = practice.move(booked, TUESDAY_15, room_id=two, keep_room=False)
    online = practice.move(elsewhere, TUESDAY_15, room_id=None, keep_room=False)

    assert (elsewhere.room_id, online.room_id) == (two, None)
    assert practice.book(client_id=practice.noor, practitioner_id=practice.ben, room_id=two).room_id == two
    with pytest.raises(RoomUnknown):
        practice.move(online, TUESDAY_15, room_id=uuid4(), keep_room=False)


def test_a_move_into_taken_time_changes_nothing(practice: Practice) -> None:
    practice.book(local_start=TUESDAY_15 + days(1))
    booked = practice.book()

    with pytest.raises(SlotTaken):
        practice.move(booked, TUESDAY_15 + days(1))

    again = practice.run(lambda tx: queries.appointment(tx, booked.id, scope=practice.desk(), now=NOW))
    assert again == booked
    assert practice.kinds(booked) == ["booked"]


def test_a_therapist_cannot_create_or_move_a_colleagues_appointment(practice: Practice) -> None:
    anas = practice.book()
    ben = practice.therapist(practice.ben)

    with pytest.raises(NotYourDiary):
        practice.book(scope=ben, local_start=TUESDAY_15 + days(1))
    with pytest.raises(AppointmentUnknown):
        practice.move(anas, TUESDAY_15 + days(1), scope=ben)
    with pytest.raises(AppointmentUnknown):
        practice.mark(anas, Status.CLINIC_CANCELLED, now=NOW, scope=ben)


def test_a_therapist_books_and_marks_in_their_own_diary(practice: Practice) -> None:
    ana = practice.therapist(practice.ana)

    booked = practice.book(scope=ana)
    held = practice.mark(booked, Status.COMPLETED, now=booked.ends_at, scope=ana)

    assert held.status is Status.COMPLETED
