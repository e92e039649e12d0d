"""Nobody and nothing is in two places at once; checked on the database that says so."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import ExclusionViolation
from psycopg.rows import dict_row

from services.scheduling.appointments.commands import changes
from services.scheduling.appointments.commands.booking import book
from services.scheduling.appointments.domain.booking import MoveRequest
from services.scheduling.appointments.domain.occupancy import SlotTaken
from services.scheduling.appointments.domain.status import Status
from services.scheduling.appointments.queries import overlap_violations
from services.scheduling.appointments.store.appointments import find
from services.scheduling.care.domain import ClientNotAllocated, ClientUnknown
from services.scheduling.jobs import JOBS, OVERLAPS, check_overlaps
from services.scheduling.resources.domain.resources import PractitionerUnknown, RoomUnknown
from services.scheduling.resources.domain.zones import TimeOutOfReach, ZoneUnknown
from shared.database import Tx
from shared.jobs import Jobs
from shared.metrics_pipeline import PipelineMetrics
from shared.scope import system_scope
from shared.trace import new_trace
from tests.scheduling.practice import NOW, TUESDAY_15, Practice, days, local

HALF_PAST = TUESDAY_15 + timedelta(minutes=30)


def violations(practice: Practice) -> int:
    return practice.run(lambda tx: overlap_violations(tx, scope=system_scope("test"), now=NOW))


def test_a_booking_keeps_what_was_agreed_and_tells_the_others(practice: Practice) -> None:
    room = practice.room("Room 2")

    booked = practice.book(room_id=room)

    assert (booked.status, booked.version, booked.spoken_code) == (Status.BOOKED, 1, "K-1042")
    assert (booked.local_start, booked.zone, booked.minutes) == (TUESDAY_15, "Europe/Berlin", 50)
    assert booked.starts_at.isoformat() == "2026-03-10T14:00:00+00:00"
    assert practice.kinds(booked) == ["booked"]
    assert practice.audited()[-1] == ("appointment.book", [practice.mara])


def test_eight_parallel_bookings_of_one_hour_leave_exactly_one(practice: Practice) -> None:
    clients = [uuid4() for _ in range(8)]
    for number, client in enumerate(clients):
        practice.welcome(client, f"K-2{number:03}", practice.ana)
    start_together = Barrier(8)

    def book(client: UUID) -> str:
        start_together.wait(timeout=10)
        try:
            practice.book(client_id=client)
        except SlotTaken:
            return "taken"
        return "booked"

    with ThreadPoolExecutor(8) as racers:
        outcomes = sorted(racers.map(book, clients))

    assert outcomes == ["booked"] + ["taken"] * 7
    assert violations(practice) == 0


def test_without_any_lock_the_constraint_alone_lets_one_of_eight_through(practice: Practice) -> None:
    """Straight SQL past every rule of the program: the database still refuses."""
    booked = practice.book()
    practice.run(lambda tx: tx.execute("DELETE FROM occupancy"))
    copies = [uuid4() for _ in range(8)]
    for copy in copies:
        practice.run(
            lambda tx, c=copy: tx.execute(  # type: ignore[misc]
                "INSERT INTO appointment (appointment_id, version, status, client_id, practitioner_id, type_code, "
                "modality, starts_at, ends_at, local_start, zone, booked_at, status_changed_at) "
                "SELECT %s, 1, status, client_id, practitioner_id, type_code, modality, starts_at, ends_at, "
                "local_start, zone, booked_at, status_changed_at FROM appointment WHERE appointment_id = %s",
                (c, booked.id),
            )
        )
    start_together = Barrier(8)

    def insert(copy: UUID) -> str:
        start_together.wait(timeout=10)
        try:
            practice.run(
                lambda tx: tx.execute(
                    "INSERT INTO occupancy SELECT %s, resource_no, tstzrange(%s, %s), true FROM resource WHERE id = %s",
                    (copy, booked.starts_at, booked.ends_at, practice.ana),
                )
            )
        except ExclusionViolation:
            return "refused"
        return "kept"

    with ThreadPoolExecutor(8) as racers:
        outcomes = sorted(racers.map(insert, copies))

    assert outcomes == ["kept"] + ["refused"] * 7


def test_an_overlap_with_another_start_is_refused(practice: Practice) -> None:
    other = uuid4()
    practice.welcome(other, "K-2000", practice.ana)
    practice.book()

    with pytest.raises(SlotTaken) as refused:
        practice.book(client_id=other, local_start=HALF_PAST)

    [clash] = refused.value.clashes
    assert clash.kind == "practitioner"
    assert clash.by is not None
    assert clash.by.starts_at.isoformat() == "2026-03-10T14:00:00+00:00"


def test_a_refused_booking_leaves_nothing_behind_even_where_its_transaction_goes_on(practice: Practice) -> None:
    other = uuid4()
    practice.welcome(other, "K-2000", practice.ana)
    practice.book()

    def try_two(tx: Tx) -> None:
        for start in (HALF_PAST, TUESDAY_15 + days(1)):
            with suppress(SlotTaken):
                book(tx, practice.request(client_id=other, local_start=start), scope=practice.desk(), now=NOW)

    practice.run(try_two)

    starts = practice.run(lambda tx: tx.rows("SELECT local_start FROM appointment WHERE client_id = %s", (other,)))
    assert [row["local_start"] for row in starts] == [TUESDAY_15 + days(1)]
    assert len(practice.published()) == 4  # two diaries, two bookings


def test_what_a_booking_answers_is_what_is_kept(practice: Practice) -> None:
    booked = practice.book(room_id=practice.room("Room 1"))
    series = practice.book_series(3, local_start=TUESDAY_15 + days(1))

    answered = [booked, *series.appointments]
    assert practice.run(lambda tx: [find(tx, practice.desk(), one.id) for one in answered]) == answered


def test_hours_that_touch_do_not_overlap(practice: Practice) -> None:
    practice.book()

    after = practice.book(local_start=TUESDAY_15 + timedelta(minutes=50))
    before = practice.book(local_start=TUESDAY_15 - timedelta(minutes=50))

    assert before.ends_at < after.starts_at
    assert violations(practice) == 0


def test_one_room_two_therapists(practice: Practice) -> None:
    room = practice.room("Room 1")
    practice.book(room_id=room)

    with pytest.raises(SlotTaken) as refused:
        practice.book(client_id=practice.noor, practitioner_id=practice.ben, room_id=room, local_start=HALF_PAST)

    assert [clash.kind for clash in refused.value.clashes] == ["room"]
    assert practice.book(client_id=practice.noor, practitioner_id=practice.ben, local_start=HALF_PAST).room_id is None


def test_one_client_two_therapists(practice: Practice) -> None:
    practice.book()
    practice.allocate(practice.mara, practice.ben, at=NOW + days(1))

    with pytest.raises(SlotTaken) as refused:
        practice.book(practitioner_id=practice.ben, local_start=HALF_PAST, scope=practice.therapist(practice.ben))

    [clash] = refused.value.clashes
    assert (clash.kind, clash.by) == ("client", None)  # Ben may not see Ana's diary
    assert "not free" in refused.value.errors[0][1]


def test_a_cancelled_hour_is_free_again_and_a_missed_one_is_not(practice: Practice) -> None:
    booked = practice.book()
    practice.mark(booked, Status.CLINIC_CANCELLED, now=NOW)
    again = practice.book()

    practice.mark(again, Status.NO_SHOW, now=again.ends_at)

    with pytest.raises(SlotTaken):
        practice.book()


def test_a_client_nobody_told_of_is_named_as_the_problem(practice: Practice) -> None:
    with pytest.raises(ClientUnknown) as refused:
        practice.book(client_id=uuid4())

    assert refused.value.errors[0][0] == "client_id"


def test_a_practitioner_without_a_diary_is_named_as_the_problem(practice: Practice) -> None:
    stranger = uuid4()
    practice.allocate(practice.mara, stranger, at=NOW + days(1))

    with pytest.raises(PractitionerUnknown):
        practice.book(practitioner_id=stranger)


def test_a_client_is_booked_with_the_practitioner_they_are_allocated_to_only(practice: Practice) -> None:
    with pytest.raises(ClientNotAllocated):
        practice.book(client_id=practice.noor)


def test_rooms_zones_and_years_that_do_not_exist_are_refused(practice: Practice) -> None:
    with pytest.raises(RoomUnknown):
        practice.book(room_id=uuid4())
    with pytest.raises(ZoneUnknown):
        practice.book(zone="Europe/Atlantis")
    with pytest.raises(TimeOutOfReach):
        practice.book(local_start=local("2029-01-01T15:00"))
    with pytest.raises(TimeOutOfReach):
        practice.book(local_start=local("2026-02-15T15:00"))
    assert practice.published()[2:] == []  # beside the two diaries nothing was told


def test_move_into_time_freed_in_the_same_transaction(practice: Practice) -> None:
    other = uuid4()
    practice.welcome(other, "K-2000", practice.ana)
    first, second = practice.book(), practice.book(client_id=other, local_start=TUESDAY_15 + days(1))
    steps = [(first, 1, days(2)), (second, 1, days(0)), (first, 2, days(1))]  # the two swap

    def swap(tx: Tx) -> None:
        for appointment, version, by in steps:
            to = MoveRequest(TUESDAY_15 + by, keep_room=True)
            changes.move_appointment(tx, appointment.id, to, expected_version=version, scope=practice.desk(), now=NOW)

    practice.run(swap)

    assert practice.kinds(first) == ["booked", "moved", "moved"]
    assert practice.kinds(second) == ["booked", "moved"]
    assert violations(practice) == 0


def test_two_who_swap_by_moving_at_once_never_deadlock(practice: Practice) -> None:
    other = uuid4()
    practice.welcome(other, "K-2000", practice.ana)
    rooms = [practice.room("Room 1"), practice.room("Room 2")]
    pair = [
        practice.book(room_id=rooms[0]),
        practice.book(client_id=other, local_start=TUESDAY_15 + days(1), room_id=rooms[1]),
    ]
    start_together = Barrier(2)

    def move(place: int) -> str:
        start_together.wait(timeout=10)
        try:
            practice.move(pair[place], TUESDAY_15 + days(1 - place), room_id=rooms[1 - place], keep_room=False)
        except SlotTaken:
            return "taken"
        return "moved"

    with ThreadPoolExecutor(2) as racers:
        outcomes = list(racers.map(move, [0, 1]))

    assert outcomes == ["taken", "taken"]
    assert violations(practice) == 0


def test_the_independent_check_sees_what_the_constraint_would_have_refused(practice: Practice) -> None:
    first = practice.book()
    second = practice.book(local_start=TUESDAY_15 + timedelta(hours=1))
    assert practice.run(lambda tx: check_overlaps(tx, NOW)) == {OVERLAPS: 0}

    # The constraint is taken away in a transaction that is thrown away afterwards.
    with psycopg.connect(practice.owner_url, row_factory=dict_row) as owner:
        owner.execute("ALTER TABLE occupancy DROP CONSTRAINT no_double_booking")
        owner.execute(
            "UPDATE occupancy SET during = tstzrange(%s, %s) WHERE appointment_id = %s",
            (first.starts_at, first.ends_at, second.id),
        )
        found = check_overlaps(Tx(owner, trace=new_trace()), NOW)
        owner.rollback()

    assert found == {OVERLAPS: 2}  # practitioner and client
    assert violations(practice) == 0


def test_the_check_runs_as_a_job_and_shows_its_gauge(practice: Practice) -> None:
    practice.book()
    metrics = PipelineMetrics()

    Jobs("scheduling", JOBS, practice.database, lambda: NOW, metrics).run_due()

    assert b"scheduling_overlap_violations 0.0" in metrics.metrics.exposition()


def test_the_search_for_clashes_is_served_by_the_constraints_index(practice: Practice) -> None:
    practice.book()

    # Twenty thousand hours of nobody's appointments, in a transaction that is thrown away afterwards.
    with psycopg.connect(practice.owner_url) as owner:
        owner.execute("ALTER TABLE occupancy DROP CONSTRAINT occupancy_appointment_id_fkey")
        owner.execute(
            "INSERT INTO occupancy SELECT gen_random_uuid(), (SELECT min(resource_no) FROM occupancy), tstzrange("
            "%(now)s + n * interval '1 hour', %(now)s + n * interval '1 hour' + interval '50 minutes'), true "
            "FROM generate_series(1000, 21000) n",
            {"now": NOW},
        )
        owner.execute("ANALYZE occupancy")
        rows = owner.execute(
            "EXPLAIN SELECT 1 FROM occupancy WHERE blocking AND during && tstzrange(%s, %s) "
            "AND int4range(resource_no, resource_no, '[]') && int4range(1, 1, '[]')",
            (NOW, NOW + days(1)),
        ).fetchall()
        owner.rollback()

    assert "no_double_booking" in "\n".join(str(row) for row in rows)
