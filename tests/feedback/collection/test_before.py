"""What a session begins with: offered from a day before it, over when it ends, and gone when it does not take place."""

from typing import Any
from uuid import UUID

import pytest

from services.feedback.collection.domain.offers import OfferState
from services.feedback.collection.domain.plan import PlanEntry
from services.feedback.jobs import end_overdue_offers, offer_before_sessions
from tests.cast import BEN
from tests.feedback.practice import Practice

PHQ = PlanEntry("phq-9")


def states(practice: Practice, measure_id: str = "phq-9") -> list[str]:
    rows = practice.rows("SELECT state FROM offer WHERE measure_id = %s ORDER BY offered_at, id", measure_id)
    return [row["state"] for row in rows]


@pytest.fixture
def client_id(practice: Practice) -> UUID:
    practice.plan(PHQ)
    return practice.client()


def test_it_is_offered_a_day_before_and_not_earlier(practice: Practice, client_id: UUID) -> None:
    practice.book(client_id, days=3)
    practice.run(offer_before_sessions)
    assert states(practice) == []

    practice.clock.move(days=2, minutes=-1)
    practice.run(offer_before_sessions)
    assert states(practice) == []
    practice.clock.move(minutes=1)
    practice.run(offer_before_sessions)
    practice.run(offer_before_sessions)

    assert states(practice) == ["open"]


def test_an_hour_booked_for_today_is_asked_about_at_once(practice: Practice, client_id: UUID) -> None:
    hour = practice.book(client_id, hours=2)

    offer = practice.offer(hour["appointment_id"], measure_id="phq-9")
    assert (offer.moment, offer.expires_at) == ("before", hour["ends_at"])


def test_a_client_who_is_here_is_asked_although_nothing_was_heard_of_the_booking(
    practice: Practice, client_id: UUID
) -> None:
    practice.tell("arrived", practice.coming(client_id, minutes=5), arrived_at=practice.clock())

    assert states(practice) == ["open"]


def test_arriving_asks_nothing_twice_and_takes_nothing_back(practice: Practice, client_id: UUID) -> None:
    hour = practice.book(client_id, hours=2)

    practice.clock.move(hours=2, minutes=-5)
    practice.tell("arrived", hour, arrived_at=practice.clock())

    assert states(practice) == ["open"]


def test_it_is_over_when_the_session_ends(practice: Practice, client_id: UUID) -> None:
    practice.book(client_id, hours=1)

    practice.clock.move(hours=1, minutes=49)
    practice.run(end_overdue_offers)
    assert states(practice) == ["open"]
    practice.clock.move(minutes=1)
    practice.run(end_overdue_offers)

    assert states(practice) == ["unanswered"]


@pytest.mark.parametrize(
    ("what", "more", "reason", "missing"),
    [
        ("cancelled", {"cancelled_at": None}, "session_not_held", None),
        ("missed", {"attendance_code": "3"}, "client_absent", "absent"),
    ],
)
def test_an_hour_that_does_not_take_place_takes_its_forms_with_it(
    practice: Practice, client_id: UUID, what: str, more: dict[str, Any], reason: str, missing: str | None
) -> None:
    hour = practice.book(client_id, hours=2)

    practice.tell(what, hour, **more)

    assert states(practice) == ["withdrawn"]
    assert practice.told()[-1]["data"]["reason_code"] == reason
    assert practice.row("SELECT missing_reason FROM offer WHERE measure_id = 'phq-9'")["missing_reason"] == missing


def test_an_hour_put_off_to_next_week_is_asked_about_next_week(practice: Practice, client_id: UUID) -> None:
    hour = practice.book(client_id, hours=2)
    later = practice.coming(client_id, days=7)

    practice.tell("moved", hour | {k: later[k] for k in ("starts_at", "ends_at")}, moved_at=practice.clock())
    assert states(practice) == ["withdrawn"]
    practice.clock.move(days=6, hours=1)
    practice.run(offer_before_sessions)

    assert states(practice) == ["withdrawn", "open"]


def test_an_hour_moved_within_the_day_keeps_its_form_until_its_new_end(practice: Practice, client_id: UUID) -> None:
    hour = practice.book(client_id, hours=2)
    later = practice.coming(client_id, hours=5)

    practice.tell("moved", hour | {k: later[k] for k in ("starts_at", "ends_at")}, moved_at=practice.clock())

    offer = practice.offer(hour["appointment_id"], measure_id="phq-9")
    assert (offer.state, offer.expires_at) == (OfferState.OPEN, later["ends_at"])


def test_what_was_answered_stays_and_is_not_asked_again(practice: Practice, client_id: UUID) -> None:
    hour = practice.book(client_id, hours=2)
    practice.fill(hour["appointment_id"], "phq-9", q1=1)

    practice.tell(
        "moved",
        hour | {k: practice.coming(client_id, days=7)[k] for k in ("starts_at", "ends_at")},
        moved_at=practice.clock(),
    )
    practice.tell("cancelled", hour)

    assert states(practice) == ["received"]


def test_without_consent_nothing_is_asked_before_a_session(practice: Practice) -> None:
    practice.plan(PHQ)
    client_id = practice.client(consent=False)

    practice.book(client_id, hours=2)
    assert states(practice) == []
    practice.consent(client_id)

    assert states(practice) == ["open"]


def test_consent_withdrawn_takes_it_back_at_once_and_nothing_comes_after_it(
    practice: Practice, client_id: UUID
) -> None:
    hour = practice.book(client_id, hours=2)

    practice.consent(client_id, "withdrawn")
    practice.tell("arrived", hour, arrived_at=practice.clock())
    practice.run(offer_before_sessions)

    assert states(practice) == ["withdrawn"]


def test_a_stand_in_asks_nothing_before_their_hour(practice: Practice, client_id: UUID) -> None:
    practice.tell("booked", practice.coming(client_id, hours=2) | {"practitioner_id": BEN.id})

    assert states(practice) == []


def test_a_measure_in_the_middle_of_its_rhythm_waits_for_its_session(practice: Practice) -> None:
    from services.feedback.measures.domain import Rhythm

    practice.plan(PlanEntry("gad-7", Rhythm.EVERY_N_SESSIONS, every=2, begin=2))
    client_id = practice.client()
    practice.book(client_id, hours=2)
    assert states(practice, "gad-7") == []

    practice.hold(client_id)
    practice.book(client_id, hours=2)

    assert states(practice, "gad-7") == ["open"]


def test_the_job_takes_up_a_few_clients_at_a_time_and_gets_through(practice: Practice) -> None:
    practice.plan(PHQ)
    for _ in range(23):
        practice.book(practice.client(), days=2)
    practice.clock.move(days=1, hours=1)

    practice.run(offer_before_sessions)
    assert len(states(practice)) == 20
    practice.run(offer_before_sessions)

    assert len(states(practice)) == 23


def test_overdue_forms_are_ended_a_few_clients_at_a_time(practice: Practice) -> None:
    for _ in range(23):
        hour = practice.hour(practice.client())
        practice.tell("held", hour)
    practice.clock.move(days=4)

    practice.run(end_overdue_offers)
    left = practice.row("SELECT count(DISTINCT client_id) AS n FROM offer WHERE state = 'open'")["n"]
    practice.run(end_overdue_offers)

    assert left == 3
    assert practice.row("SELECT count(*) AS n FROM offer WHERE state = 'open'")["n"] == 0
