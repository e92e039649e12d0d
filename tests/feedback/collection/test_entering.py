"""Entered by staff, from paper or in the session: taken as it stands there, once, and put right with a reason."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.feedback.collection.domain.plan import PlanEntry, Way
from services.feedback.jobs import end_overdue_offers
from tests.cast import ANA, BEN
from tests.feedback.practice import Caller, Practice, marks

Speak = Callable[..., Caller]


@pytest.fixture
def client_id(practice: Practice) -> UUID:
    return practice.client()


def enter(call: Speak, client_id: UUID, appointment_id: UUID, *, actor: UUID = ANA.id, **body: Any) -> Any:
    fixed = {"appointment_id": str(appointment_id), "measure_id": "phq-9", "measure_version": 1, "channel": "paper"}
    return call("therapist", actor=actor).post(f"/v1/clients/{client_id}/check-ins", fixed | body)


def test_a_session_without_an_offer_takes_what_was_filled_in_on_paper(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    appointment_id = practice.hold(client_id)

    first = enter(call, client_id, appointment_id, answers={"q1": 1, "q9": 0}, channel="in_session")
    second = enter(call, client_id, appointment_id, answers={"q1": 3})

    assert first.status_code == 201
    assert second.status_code == 409
    assert practice.row("SELECT channel, answers FROM checkin") == {
        "channel": "in_session",
        "answers": {"q1": 1, "q9": 0},
    }


def test_a_total_read_off_paper_is_kept_as_one(practice: Practice, call: Speak) -> None:
    practice.plan(PlanEntry("oq-45", way=Way.PAPER))
    hour = practice.book(practice.client(), hours=2)
    offer_id = practice.offer(hour["appointment_id"], measure_id="oq-45").id

    refused = call("therapist").post(f"/v1/offers/{offer_id}/answers", {"total": 5000, "channel": "paper"})
    entered = call("therapist").post(f"/v1/offers/{offer_id}/answers", {"total": 71, "channel": "paper"})

    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "total")
    assert entered.status_code == 201
    kept = practice.row("SELECT total, total_only, answers FROM checkin")
    assert kept == {"total": 71.0, "total_only": True, "answers": {}}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answers": {"q1": 4}}, "answers.q1"),
        ({"answers": {"q1": -1}}, "answers.q1"),
        ({"answers": {"q1": 1.5}}, "answers.q1"),
        ({"answers": {"q1": "１"}}, "answers.q1"),
        ({"answers": {"q1": True}}, "answers.q1"),
        ({"answers": {"q77": 1}}, "answers.q77"),
        ({"total": "１２"}, "total"),
        ({"total": True}, "total"),
        ({"total": 28}, "total"),
        ({"total": -1}, "total"),
        ({"total": 9, "answers": {"q1": 1}}, "answers"),
        ({}, "answers"),
        ({"total": 9, "measure_version": 1.0}, "measure_version"),
        ({"total": 9, "channel": "link"}, "channel"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_nothing_is_kept(
    practice: Practice, call: Speak, client_id: UUID, body: dict[str, Any], field: str
) -> None:
    refused = enter(call, client_id, practice.hold(client_id), **body)

    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, field)
    assert practice.rows("SELECT * FROM checkin") == []
    assert practice.rows("SELECT * FROM offer WHERE measure_id = 'phq-9'") == []


def test_not_a_number_is_no_number(practice: Practice, call: Speak, client_id: UUID) -> None:
    appointment_id = practice.hold(client_id)
    ana = call("therapist")
    raw = f'{{"appointment_id": "{appointment_id}", "measure_id": "phq-9", "measure_version": 1, "channel": "paper", '

    refused = ana._http.post(
        f"/v1/clients/{client_id}/check-ins",
        data=raw + '"total": NaN}',
        content_type="application/json",
        headers=ana._headers() | {"Idempotency-Key": str(uuid4())},
    )

    assert refused.status_code == 400
    assert practice.rows("SELECT * FROM checkin") == []


def test_another_version_than_was_offered_is_refused(practice: Practice, call: Speak, client_id: UUID) -> None:
    appointment_id = practice.hold(client_id)
    offer_id = practice.offer(appointment_id).id
    body = {"answers": marks(74) | {"s1": "now"}, "measure_version": 2}

    assert call("therapist").post(f"/v1/offers/{offer_id}/answers", body).status_code == 409
    assert enter(call, client_id, appointment_id, measure_version=99, total=3).status_code == 404
    assert practice.rows("SELECT * FROM checkin") == []


def test_the_session_form_on_paper_says_what_the_client_chose_about_sharing(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    offer_id = practice.offer(practice.hold(client_id)).id
    path = f"/v1/offers/{offer_id}/answers"

    silent = call("therapist").post(path, {"answers": marks(74)})
    left_open = call("therapist").post(path, {"answers": marks(74) | {"s1": None}})

    assert (silent.status_code, silent.get_json()["errors"][0]["field"]) == (422, "answers.s1")
    assert left_open.status_code == 201
    assert practice.row("SELECT sharing, shown FROM checkin") == {"sharing": "not", "shown": False}


def test_somebody_elses_client_and_hour_do_not_exist(practice: Practice, call: Speak, client_id: UUID) -> None:
    appointment_id = practice.hold(client_id)
    other = practice.hold(practice.client())

    assert enter(call, client_id, appointment_id, actor=BEN.id, total=3).status_code == 404
    assert enter(call, client_id, other, total=3).status_code == 422
    assert enter(call, client_id, uuid4(), total=3).status_code == 422


def test_a_session_that_did_not_take_place_takes_no_form(practice: Practice, call: Speak, client_id: UUID) -> None:
    hour = practice.hour(client_id)
    practice.tell("missed", hour, attendance_code="3")

    assert enter(call, client_id, hour["appointment_id"], total=3).status_code == 422


def test_who_does_not_wish_to_fill_in_forms_is_entered_nowhere(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    appointment_id = practice.hold(client_id)
    practice.consent(client_id, "withdrawn")

    assert enter(call, client_id, appointment_id, total=3).status_code == 409
    assert practice.rows("SELECT * FROM checkin") == []


def test_paper_that_turns_up_late_is_taken(practice: Practice, call: Speak) -> None:
    practice.plan(PlanEntry("phq-9"))
    client_id = practice.client()
    hour = practice.book(client_id, hours=2)
    practice.clock.move(days=2)
    practice.run(end_overdue_offers)

    assert enter(call, client_id, hour["appointment_id"], answers={"q1": 1}).status_code == 201


def test_a_wish_on_paper_survives_letter_by_letter(practice: Practice, call: Speak, client_id: UUID) -> None:
    words = 'Let O\'Neil-Łukasz & <b>me</b> pause; "slowly" — 100 %s, 慢慢来 🙂'
    offer_id = practice.offer(practice.hold(client_id)).id

    call("therapist").post(f"/v1/offers/{offer_id}/answers", {"answers": {"w1": words, "s1": "now"}})

    assert call("therapist").get(f"/v1/clients/{client_id}/course").get_json()["wish"]["text"] == words


# Putting right


def correct(call: Speak, offer_id: UUID, *, version: int = 1, actor: UUID = ANA.id, **body: Any) -> Any:
    path = f"/v1/check-ins/{offer_id}/corrections"
    return call("therapist", actor=actor).post(path, {"reason": "typing_error"} | body, version=version)


def test_a_correction_makes_a_new_version_and_the_old_one_stays_readable(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    appointment_id = practice.session(client_id, 74, w1="Slower, please")
    offer_id = practice.offer(appointment_id).id

    done = correct(call, offer_id, answers=marks(20))

    assert (done.status_code, done.get_json()["version"]) == (201, 2)
    shown = call("therapist").get(f"/v1/check-ins/{offer_id}").get_json()
    assert (shown["version"], shown["total"], shown["sharing"]) == (2, 20.0, "now")
    [earlier] = shown["earlier"]
    assert (earlier["version"], earlier["total"], earlier["reason"]) == (1, 74.0, "typing_error")
    assert earlier["superseded_by"] == str(ANA.id)
    assert practice.kinds().count("checkin.corrected") == 1
    course = call("therapist").get(f"/v1/clients/{client_id}/course").get_json()
    assert course["points"][0]["client_total"] == 20.0
    assert course["wish"]["text"] == "Slower, please"


def test_an_episode_that_stood_on_a_typing_error_goes_with_it(practice: Practice, call: Speak, client_id: UUID) -> None:
    practice.course(client_id, 80, 82, 78, 80)
    offer_id = practice.offer(practice.session(client_id, 30)).id
    assert practice.states()[-1] == "rupture"

    correct(call, offer_id, answers=marks(80))

    assert practice.states()[-1] == "steady"
    assert practice.row("SELECT close_reason FROM episode")["close_reason"] == "superseded"


def test_what_only_the_client_says_is_not_corrected(practice: Practice, call: Speak, client_id: UUID) -> None:
    offer_id = practice.offer(practice.session(client_id, 74)).id

    for own in ("s1", "w1", "w2", "w1_readers"):
        refused = correct(call, offer_id, answers=marks(20) | {own: "now"})
        assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, f"answers.{own}")


def test_who_may_not_see_answers_cannot_correct_them(practice: Practice, call: Speak, client_id: UUID) -> None:
    kept_back = practice.offer(practice.session(client_id, 74, s1="not")).id
    shown = practice.offer(practice.session(client_id, 74)).id

    assert correct(call, kept_back, answers=marks(20)).status_code == 409
    assert correct(call, shown, actor=BEN.id, answers=marks(20)).status_code == 404


def test_a_correction_on_an_old_version_or_without_a_difference_is_refused(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    offer_id = practice.offer(practice.session(client_id, 74)).id
    correct(call, offer_id, answers=marks(20))

    assert correct(call, offer_id, answers=marks(30)).status_code == 412
    assert correct(call, offer_id, version=2, answers=marks(20)).status_code == 409
    assert correct(call, offer_id, version=2, answers={"b1": 11}).status_code == 422
    assert practice.row("SELECT total, version FROM checkin") == {"total": 20.0, "version": 2}
