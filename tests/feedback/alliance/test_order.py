"""It does not matter in which order things are heard and entered, nor who else is a client here."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.cast import ANA
from tests.feedback.practice import Practice, marks

TOTALS = (80, 82, 78, 80, 50, 64, 80, 66)


def readings(practice: Practice, client_id: UUID) -> list[Any]:
    """The readings in force, without ids."""
    return practice.rows(
        "SELECT r.session_number, r.state, r.signals, r.detail, r.rules_version FROM reading r "
        "JOIN course c ON c.id = r.course_id WHERE c.client_id = %s AND r.superseded_at IS NULL "
        "ORDER BY r.session_number",
        client_id,
    )


def episodes(practice: Practice, client_id: UUID) -> list[Any]:
    return practice.rows(
        "SELECT state, opened_session, closed_session, m_pre, lowest, checkins, late, close_reason, opened_by "
        "FROM episode WHERE client_id = %s AND close_reason IS DISTINCT FROM 'superseded' ORDER BY opened_session",
        client_id,
    )


@pytest.mark.parametrize("seed", range(6))
def test_check_ins_entered_in_any_order_read_the_same_in_the_end(practice: Practice, seed: int) -> None:
    in_order, shuffled = practice.client(), practice.client()
    practice.course(in_order, *TOTALS)
    held = [practice.hold(shuffled) for _ in TOTALS]

    entries = list(zip(held, TOTALS, strict=True))
    random.Random(seed).shuffle(entries)
    for appointment_id, total in entries:
        practice.answer(appointment_id, **marks(total))

    assert readings(practice, shuffled) == readings(practice, in_order)
    assert episodes(practice, shuffled) == episodes(practice, in_order)


@pytest.mark.parametrize("seed", range(6))
def test_sessions_heard_of_in_any_order_lie_in_order_of_time(practice: Practice, seed: int) -> None:
    client_id = practice.client()
    begin = practice.clock.now
    hours = []
    for day in range(3):
        practice.clock.now = begin + timedelta(hours=20 * day)
        hours.append(practice.hour(client_id))
    random.Random(seed).shuffle(hours)

    for hour in hours:
        practice.tell("held", hour)

    found = practice.rows("SELECT appointment_id FROM reading WHERE superseded_at IS NULL ORDER BY session_number")
    in_order = sorted(hours, key=lambda hour: hour["starts_at"])
    assert [row["appointment_id"] for row in found] == [hour["appointment_id"] for hour in in_order]


@pytest.mark.parametrize("seed", range(8))
def test_topics_may_arrive_in_any_order(practice: Practice, seed: int) -> None:
    """Each topic keeps its own order; between the two there is none."""
    rng = random.Random(seed)
    known = practice.client()
    hour = practice.hour(known)
    at: datetime = practice.clock()
    fresh = UUID(int=rng.getrandbits(128), version=4)
    hour = hour | {"client_id": fresh}
    intake: list[Callable[[], object]] = [
        lambda: practice.hear(
            "intake.client.registered", f"client/{fresh}", client_id=fresh, spoken_code="K-2001", registered_at=at
        ),
        lambda: practice.consent(fresh),
        lambda: practice.allocate(fresh, ANA.id),
    ]
    scheduling: list[Callable[[], object]] = [
        lambda: practice.tell("booked", hour, booked_at=at),
        lambda: practice.tell("held", hour, attendance_code="5", held_at=at),
    ]

    while intake or scheduling:
        rng.choice([topic for topic in (intake, scheduling) if topic]).pop(0)()

    offers = practice.rows("SELECT side FROM offer WHERE client_id = %s AND state = 'open' ORDER BY side", fresh)
    assert [row["side"] for row in offers] == ["client", "therapist"]
    assert practice.row("SELECT spoken_code FROM client WHERE client_id = %s", fresh)["spoken_code"] == "K-2001"


def test_another_client_never_changes_this_ones_reading(practice: Practice) -> None:
    alone = practice.client()
    practice.course(alone, *TOTALS)
    before = readings(practice, alone), episodes(practice, alone)

    other = practice.client()
    practice.course(other, 20, 100, 20, 100, 0, 0)

    assert (readings(practice, alone), episodes(practice, alone)) == before


def test_reading_a_course_again_changes_and_tells_nothing(practice: Practice) -> None:
    from services.feedback.alliance.commands.readings import reread
    from services.feedback.alliance.store.courses import lock_course
    from services.feedback.care.store.visibility import THIS_SERVICE

    client_id = practice.client()
    practice.course(client_id, *TOTALS)
    told, kept = len(practice.told()), practice.rows("SELECT id FROM reading ORDER BY id")
    course_id = practice.row("SELECT id FROM course")["id"]

    with practice.database.transaction() as tx:
        course = lock_course(tx, THIS_SERVICE, course_id)
        assert course is not None
        reread(tx, course, now=practice.clock())

    assert len(practice.told()) == told
    assert practice.rows("SELECT id FROM reading ORDER BY id") == kept
