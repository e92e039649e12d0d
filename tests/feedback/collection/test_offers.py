"""When forms are offered, and what becomes of an offer."""

import pytest

from services.feedback.collection.commands import withdrawals as withdrawing
from services.feedback.collection.domain.offers import ALLOWED, OfferMoveNotAllowed, OfferState, move
from services.feedback.jobs import end_overdue_offers
from shared.scope import Scope
from tests.cast import ANA, BEN
from tests.feedback.practice import Practice


def open_sides(practice: Practice) -> list[str]:
    return [row["side"] for row in practice.rows("SELECT side FROM offer WHERE state = 'open' ORDER BY side")]


def test_after_a_session_both_sides_are_asked(practice: Practice) -> None:
    client_id = practice.client()

    practice.hold(client_id)

    assert open_sides(practice) == ["client", "therapist"]
    assert practice.kinds() == ["checkin.offered", "checkin.offered"]


def test_without_consent_nobody_is_asked(practice: Practice) -> None:
    client_id = practice.client(consent=False)

    practice.hold(client_id)

    assert open_sides(practice) == []


def test_another_consent_is_no_consent_to_forms(practice: Practice) -> None:
    client_id = practice.client(consent=False)
    practice.consent(client_id, purpose="research")

    practice.hold(client_id)

    assert open_sides(practice) == []


def test_an_hour_with_a_stand_in_is_no_part_of_the_course(practice: Practice) -> None:
    client_id = practice.client(ANA.id)

    practice.hold(client_id, BEN.id)

    assert open_sides(practice) == []


def test_consent_heard_of_after_the_session_still_brings_the_form(practice: Practice) -> None:
    client_id = practice.client(consent=False)
    practice.hold(client_id)

    practice.clock.move(hours=5)
    practice.consent(client_id)

    assert open_sides(practice) == ["client", "therapist"]


def test_allocation_and_registration_may_be_heard_of_last(practice: Practice) -> None:
    from shared.ids import uuid7

    client_id = uuid7()
    practice.hold(client_id)
    practice.consent(client_id)

    practice.allocate(client_id)

    assert open_sides(practice) == ["client", "therapist"]


def test_a_session_three_days_ago_is_no_longer_asked_about(practice: Practice) -> None:
    client_id = practice.client(consent=False)
    practice.hold(client_id)

    practice.clock.move(hours=73)
    practice.consent(client_id)

    assert open_sides(practice) == []


def test_the_last_session_is_asked_about_although_its_end_was_heard_of_first(practice: Practice) -> None:
    client_id = practice.client(allocated=False)
    allocation_id = practice.allocate(client_id)
    practice.clock.move(days=7)
    hour = practice.hour(client_id)
    practice.clock.move(minutes=5)
    practice.end_therapy(client_id, allocation_id)

    practice.tell("held", hour)

    assert open_sides(practice) == ["client"]


def test_hearing_of_the_same_session_twice_asks_once(practice: Practice) -> None:
    client_id = practice.client()
    hour = practice.hour(client_id)

    practice.tell("held", hour)
    practice.tell("held", hour)

    assert open_sides(practice) == ["client", "therapist"]


def test_an_older_fact_that_arrives_late_changes_nothing(practice: Practice) -> None:
    client_id = practice.client()
    hour = practice.hour(client_id)
    subject = f"appointment/{hour['appointment_id']}"
    practice.sequences[subject] = 4
    practice.tell("held", hour)

    practice.sequences[subject] = 1
    practice.tell("booked", hour)

    assert practice.row("SELECT status FROM hour")["status"] == "held"
    assert open_sides(practice) == ["client", "therapist"]


def test_a_session_that_was_not_held_after_all_takes_its_forms_back(practice: Practice) -> None:
    client_id = practice.client()
    hour = practice.hour(client_id)
    practice.tell("held", hour)

    practice.tell("reopened", hour, previous_status="completed", status="booked", reopened_at=practice.clock())

    assert open_sides(practice) == []
    assert practice.kinds()[-2:] == ["checkin.withdrawn", "checkin.withdrawn"]
    assert practice.states() == []


def test_a_session_held_again_is_asked_about_again(practice: Practice) -> None:
    client_id = practice.client()
    hour = practice.hour(client_id)
    practice.tell("held", hour)
    practice.tell("reopened", hour, previous_status="completed", status="booked", reopened_at=practice.clock())

    practice.tell("held", hour)

    assert open_sides(practice) == ["client", "therapist"]


def test_what_was_answered_is_not_taken_back(practice: Practice) -> None:
    client_id = practice.client()
    appointment_id = practice.session(client_id, 80)
    hour = practice.hour(client_id, appointment_id=appointment_id)

    practice.tell("reopened", hour, previous_status="completed", status="booked", reopened_at=practice.clock())

    assert practice.offer(appointment_id).state is OfferState.RECEIVED


def test_withdrawn_consent_takes_every_form_back_at_once(practice: Practice) -> None:
    client_id = practice.client()
    practice.hold(client_id)

    practice.consent(client_id, "withdrawn")
    practice.clock.move(hours=1)
    practice.hold(client_id)

    assert open_sides(practice) == []
    missing = practice.rows(
        "SELECT detail ->> 'missing' AS missing FROM reading WHERE superseded_at IS NULL ORDER BY session_number"
    )
    assert [row["missing"] for row in missing] == ["consent_withdrawn", "not_offered"]


def test_an_older_word_on_consent_does_not_undo_a_newer_one(practice: Practice) -> None:
    client_id = practice.client()
    practice.consent(client_id, "withdrawn")

    practice.sequences[f"client/{client_id}"] -= 2
    practice.consent(client_id, "given")
    practice.hold(client_id)

    assert open_sides(practice) == []


def test_a_form_nobody_fills_in_runs_out_after_three_days(practice: Practice) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)

    practice.clock.move(hours=71, minutes=59)
    practice.run(end_overdue_offers)
    assert practice.offer(appointment_id).state is OfferState.OPEN
    practice.clock.move(minutes=1)
    practice.run(end_overdue_offers)

    assert practice.offer(appointment_id).state is OfferState.UNANSWERED
    assert practice.offer(appointment_id).missing_reason == "no_answer"
    assert practice.kinds().count("checkin.expired") == 2


def test_an_answer_on_paper_counts_when_the_time_was_over(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)
    practice.clock.move(days=4)
    practice.run(end_overdue_offers)

    practice.answer(appointment_id, by=ana, b1=8, g1=8, t1=8, e1=8, o1=8)

    assert practice.offer(appointment_id).state is OfferState.RECEIVED
    assert (
        practice.row("SELECT detail ->> 'total' AS total FROM reading WHERE superseded_at IS NULL")["total"] == "80.0"
    )


def test_staff_may_say_why_no_answer_will_come(practice: Practice, dana: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)

    with practice.database.transaction() as tx:
        withdrawing.say_why_missing(
            tx, practice.offer(appointment_id).id, "technical", scope=dana, now=practice.clock()
        )

    assert practice.offer(appointment_id).missing_reason == "technical"


@pytest.mark.parametrize("was", list(OfferState))
@pytest.mark.parametrize("to", list(OfferState))
def test_an_offer_moves_only_as_the_table_says(was: OfferState, to: OfferState) -> None:
    if to in ALLOWED[was]:
        assert move(was, to) is to
    else:
        with pytest.raises(OfferMoveNotAllowed):
            move(was, to)
