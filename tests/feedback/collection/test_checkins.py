"""Check-ins: taken as given, shared as decided, read at once."""

import pytest

from services.feedback.alliance.queries.course import CourseView, course_of
from services.feedback.collection.commands import sharing as showing
from services.feedback.collection.domain.offers import AlreadyReceived, NotYourImpression, OfferUnknown
from services.feedback.collection.domain.sharing import NothingToRelease
from services.feedback.jobs import end_overdue_offers, show_shared_answers
from services.feedback.measures.domain.answers import AnswersRefused
from shared.scope import Scope
from tests.feedback.practice import Practice, marks
from tests.trail import trail


def see(practice: Practice, client_id: object, scope: Scope) -> CourseView:
    with practice.database.transaction() as tx:
        return course_of(tx, client_id, scope=scope, now=practice.clock())  # type: ignore[arg-type]


def test_a_check_in_is_read_in_the_same_transaction(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()

    practice.session(client_id, 74)

    view = see(practice, client_id, ana)
    assert [p.detail["total"] for p in view.points] == [74.0]
    assert view.sentence["template"] == "steady_too_early"


def test_a_form_can_be_sent_once(practice: Practice) -> None:
    client_id = practice.client()
    appointment_id = practice.session(client_id, 74)

    with pytest.raises(AlreadyReceived):
        practice.answer(appointment_id, **marks(20))

    assert practice.row("SELECT total FROM checkin")["total"] == 74.0


def test_nothing_is_written_when_one_answer_is_refused(practice: Practice) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)

    with pytest.raises(AnswersRefused) as refused:
        practice.answer(appointment_id, b1=11, g1=5)

    assert refused.value.errors == [("answers.b1", "Must be a whole number from 0 to 10.")]
    assert practice.rows("SELECT * FROM checkin") == []
    assert practice.kinds() == ["checkin.offered", "checkin.offered"]


def test_skipped_questions_leave_no_total_but_words_still_count(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)

    practice.answer(appointment_id, b1=8, g1=8, t1=8, r1="yes", r2="worse")

    view = see(practice, client_id, ana)
    assert view.points[0].detail["total"] is None
    assert view.state == "rupture"
    assert view.sentence["template"] == "rupture_said_so"


def test_free_text_is_not_to_be_found_in_the_database(practice: Practice) -> None:
    client_id = practice.client()

    practice.session(client_id, 74, w1="Less homework, canaryword")

    for table in ("checkin", "wish", "draft", "outbox", "reading"):
        assert "canaryword" not in str(practice.rows(f"SELECT t::text AS all FROM {table} t"))
    assert "canaryword" not in str(trail(practice.database))


# Sharing


@pytest.mark.parametrize("sharing", ["not", None])
def test_what_is_not_shared_is_seen_by_nobody_and_read_by_nothing(
    practice: Practice, ana: Scope, lead: Scope, sharing: str | None
) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82, 81)

    practice.session(client_id, 10, r1="yes", w1="Something else", s1=sharing)
    practice.session(client_id, 80)

    for reader in (ana, lead):
        view = see(practice, client_id, reader)
        point = view.points[3]
        assert point.detail["missing"] == "not_shared"
        assert (point.detail["total"], point.detail["said"], point.detail["signals"]) == (None, None, [])
        assert view.points[4].detail["n"] == 3
        assert view.wish is None
    assert practice.states() == ["steady"] * 5


def test_after_i_have_left_means_an_hour_after_sending(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    practice.session(client_id, 74, s1="after")

    practice.clock.move(minutes=59)
    practice.run(show_shared_answers)
    assert see(practice, client_id, ana).points[0].detail["missing"] == "shared_later"
    practice.clock.move(minutes=1)
    practice.run(show_shared_answers)

    assert see(practice, client_id, ana).points[0].detail["total"] == 74.0


def test_answers_given_back_by_the_client_count_from_then_on(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.session(client_id, 74, s1="not", w1="More time for pauses")

    with practice.database.transaction() as tx:
        showing.release(tx, practice.offer(appointment_id).id, scope=ana, now=practice.clock())

    view = see(practice, client_id, ana)
    assert view.points[0].detail["total"] == 74.0
    assert view.wish is not None
    assert view.wish.text == "More time for pauses"


def test_what_is_shared_cannot_be_released_again(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.session(client_id, 74)

    with pytest.raises(NothingToRelease), practice.database.transaction() as tx:
        showing.release(tx, practice.offer(appointment_id).id, scope=ana, now=practice.clock())


# The therapist's impression


def test_only_the_therapist_of_the_session_gives_their_impression(practice: Practice, lead: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)

    with pytest.raises(NotYourImpression):
        practice.answer(appointment_id, "therapist", by=lead, t_b1=8)


def test_a_colleagues_offer_does_not_exist(practice: Practice, ben: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)

    for side in ("client", "therapist"):
        with pytest.raises(OfferUnknown):
            practice.answer(appointment_id, side, by=ben)


def test_the_front_desk_enters_no_answers(practice: Practice, dana: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)

    with pytest.raises(OfferUnknown):
        practice.answer(appointment_id, by=dana, b1=8)


def test_an_impression_after_looking_at_the_answers_is_kept_but_not_compared(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.session(client_id, 80, r1="yes")
    see(practice, client_id, ana)

    practice.clock.move(minutes=1)
    kept = practice.answer(appointment_id, "therapist", by=ana, t_r1="no", **marks(80, "t_"))

    assert kept.blind is False
    point = see(practice, client_id, ana).points[0]
    assert point.detail["therapist_total"] == 80.0
    assert [s["code"] for s in point.detail["signals"]] == ["S9"]


def test_strain_that_only_the_client_felt_is_shown_to_the_therapist(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    appointment_id = practice.session(client_id, 80, r1="yes")

    kept = practice.answer(appointment_id, "therapist", by=ana, t_r1="no", **marks(80, "t_"))

    assert kept.blind is True
    point = see(practice, client_id, ana).points[0]
    assert [s["code"] for s in point.detail["signals"]] == ["S7", "S9"]


def test_looking_at_the_course_while_answers_are_kept_back_leaves_the_impression_blind(
    practice: Practice, ana: Scope
) -> None:
    client_id = practice.client()
    appointment_id = practice.session(client_id, 80, s1="after")
    see(practice, client_id, ana)

    kept = practice.answer(appointment_id, "therapist", by=ana, t_b1=8)

    assert kept.blind is True


# Silence


def test_two_forms_in_a_row_not_returned_are_a_signal(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82)
    for _ in range(2):
        practice.session(client_id, None)
        practice.clock.move(days=4)
        practice.run(end_overdue_offers)

    view = see(practice, client_id, ana)
    assert [[s["code"] for s in p.detail["signals"]] for p in view.points] == [[], [], [], ["S8"]]
    assert view.sentence == {
        "template": "gap",
        "params": {"k": 2, "reasons": ["no_answer"]},
        "next_step": "ask_if_the_form_suits",
    }


# Wishes


def test_a_wish_comes_back_and_is_closed_by_the_client(practice: Practice, ana: Scope, lead: Scope) -> None:
    client_id = practice.client()
    practice.session(client_id, 80, w1="Slower, please")

    open_wish = see(practice, client_id, ana).wish
    assert open_wish is not None
    assert (open_wish.text, open_wish.from_session) == ("Slower, please", 1)
    seen_by_lead = see(practice, client_id, lead).wish
    assert seen_by_lead is not None
    assert seen_by_lead.text is None

    practice.session(client_id, 80, w2="not_yet")
    still = see(practice, client_id, ana).wish
    assert still is not None
    assert still.asked_again == 1
    practice.session(client_id, 80, w2="done")

    assert see(practice, client_id, ana).wish is None
    assert practice.row("SELECT state FROM wish")["state"] == "done"


def test_nobody_is_asked_about_a_wish_they_never_had(practice: Practice) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)

    with pytest.raises(AnswersRefused) as refused:
        practice.answer(appointment_id, w2="done")

    assert refused.value.errors == [("answers.w2", "The form has no such question.")]


def test_a_newer_wish_takes_the_place_of_an_older_one(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    practice.session(client_id, 80, w1="Slower, please")
    practice.session(client_id, 80, w1="More silence")

    wish = see(practice, client_id, ana).wish
    assert wish is not None
    assert wish.text == "More silence"
    assert [r["state"] for r in practice.rows("SELECT state FROM wish ORDER BY state")] == ["open", "replaced"]
