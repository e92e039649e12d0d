"""Risk answers: raised in the same moment, read by a person, passed on when nobody has; never lowered by a rule."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.feedback.collection.commands import corrections as correcting
from services.feedback.collection.domain.entry import Entry
from services.feedback.collection.domain.plan import PlanEntry, Way
from services.feedback.jobs import pass_on_risk_answers
from services.feedback.risk.domain.risk_answers import ALLOWED, RiskMoveNotAllowed, RiskState, move
from shared.scope import Scope
from tests.cast import ANA, BEN, DANA, LEAD
from tests.feedback.practice import Caller, Practice

Speak = Callable[..., Caller]


@pytest.fixture
def appointment_id(practice: Practice) -> UUID:
    """A session in two hours that begins with the PHQ-9."""
    practice.plan(PlanEntry("phq-9"), PlanEntry("gad-7"))
    appointment: UUID = practice.book(practice.client(), hours=2)["appointment_id"]
    return appointment


def waiting(call: Speak, *roles: str, actor: UUID = ANA.id, **query: str) -> list[Any]:
    items: list[Any] = call(*roles, actor=actor).get("/v1/risk-answers", **query).get_json()["items"]
    return items


def test_an_answer_to_item_nine_waits_for_somebody_at_once(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q1=0, q9=2)

    [risk] = waiting(call, "therapist", state="open")
    assert risk["raised"] == [{"item": "q9", "answer": 2}]
    assert (risk["template"], risk["state"], risk["measure_id"]) == ("risk_answer", "open", "phq-9")
    assert risk["due_at"] > risk["raised_at"]
    told = practice.told()[-1]
    assert told["type"].endswith("risk.raised.v1")
    assert not {"q9", "answer", "raised", "measure_id"} & set(told["data"])


def test_the_one_who_answers_is_shown_the_help_page_before_the_next_form(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    offer_id = practice.offer(appointment_id, measure_id="phq-9").id
    token = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/link", {}).get_json()["token"]
    app = call("checkin")
    handle = app.post("/v1/forms/exchange", {"token": token}).get_json()["handle"]
    before = app.get("/v1/forms/current", handle=handle).get_json()

    body = {"measure_id": "phq-9", "answers": {"q9": 1}, "submit": True}
    sent = app.put("/v1/forms/current", body, handle=handle).get_json()

    assert (before["risk_answered"], sent["risk_answered"], sent["form"]["id"]) == (False, True, "gad-7")
    assert [risk["saw_help"] for risk in waiting(call, "therapist")] == [True]
    assert app.get("/v1/forms/current", handle=handle).get_json()["risk_answered"] is True


def test_nobody_says_of_an_entry_from_paper_that_the_help_page_was_seen(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q9=1)

    assert [risk["saw_help"] for risk in waiting(call, "therapist")] == [False]


def test_nothing_is_said_of_hurting_oneself_where_the_questions_ask_about_other_things_too(
    practice: Practice, call: Speak
) -> None:
    practice.plan(PlanEntry("oq-45", way=Way.PAPER))
    hour = practice.book(practice.client(), hours=2)
    offer_id = practice.offer(hour["appointment_id"], measure_id="oq-45").id
    call("therapist").post(f"/v1/offers/{offer_id}/answers", {"total": 71, "channel": "paper"})

    [risk] = waiting(call, "therapist", state="open")
    assert (risk["about_oneself"], risk["template"]) == (False, "risk_unanswered_other")
    assert risk["unanswered"] == ["q8", "q11", "q26", "q32", "q44"]


def test_a_risk_question_left_open_is_shown_as_such_and_is_no_zero(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q1=0)

    [risk] = waiting(call, "therapist")
    assert (risk["template"], risk["unanswered"], risk["raised"]) == ("risk_unanswered", ["q9"], [])
    assert risk["due_at"] is None
    assert "risk.raised" not in practice.kinds()
    practice.clock.move(days=9)
    practice.run(pass_on_risk_answers)
    assert waiting(call, "therapist")[0]["state"] == "open"


def test_an_answer_of_not_at_all_raises_nothing(practice: Practice, call: Speak, appointment_id: UUID) -> None:
    practice.fill(appointment_id, "phq-9", q9=0)

    assert waiting(call, "therapist") == []


def test_keeping_answers_back_keeps_no_call_for_help_back(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    hour = practice.row("SELECT client_id FROM hour")
    body = {
        "appointment_id": str(appointment_id),
        "measure_id": "phq-9",
        "measure_version": 1,
        "channel": "paper",
        "sharing": "not",
        "answers": {"q9": 3},
    }
    entered = call("therapist").post(f"/v1/clients/{hour['client_id']}/check-ins", body)

    assert (entered.status_code, entered.get_json()["risk_answered"]) == (201, True)
    assert waiting(call, "therapist")[0]["raised"] == [{"item": "q9", "answer": 3}]
    shown = call("therapist").get(f"/v1/check-ins/{entered.get_json()['id']}").get_json()
    assert (shown["shown"], shown["answers"], shown["total"]) == (False, None, None)


def test_a_risk_answer_is_for_the_clients_therapist_and_for_leads(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q9=1)
    [risk] = waiting(call, "clinical_lead", actor=LEAD.id)
    path, body = f"/v1/risk-answers/{risk['id']}/acknowledgement", {"outcome": "spoken_with_client"}

    assert waiting(call, "therapist", actor=BEN.id) == []
    assert call("therapist", actor=BEN.id).post(path, body, version=1).status_code == 404
    for role in ("front_desk", "manager", "supervisor"):
        assert call(role).get("/v1/risk-answers").status_code == 403
        assert call(role).post(path, body, version=1).status_code == 403


def test_it_is_read_once_by_a_person_who_says_what_came_of_it(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q9=1)
    [risk] = waiting(call, "therapist")
    path = f"/v1/risk-answers/{risk['id']}/acknowledgement"
    ana = call("therapist")

    assert ana.post(path, {"outcome": "could_not_reach"}, version=1).status_code == 422
    assert ana.post(path, {"outcome": "spoken_with_client"}, version=7).status_code == 412
    read = ana.post(path, {"outcome": "spoken_with_client"}, version=1)
    again = ana.post(path, {"outcome": "entered_by_mistake"}, version=2)

    assert (read.status_code, read.get_json()["state"]) == (200, "acknowledged")
    assert again.status_code == 409
    assert waiting(call, "therapist", state="open") == []
    [kept] = waiting(call, "therapist", state="acknowledged")
    assert (kept["outcome"], kept["acknowledged_role"]) == ("spoken_with_client", "therapist")
    assert practice.kinds()[-1] == "risk.acknowledged"


def test_what_nobody_read_in_time_is_passed_on_and_can_still_be_read(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q9=1)

    practice.clock.move(hours=23, minutes=59)
    practice.run(pass_on_risk_answers)
    assert waiting(call, "clinical_lead", actor=LEAD.id)[0]["state"] == "open"
    practice.clock.move(minutes=1)
    practice.run(pass_on_risk_answers)
    practice.run(pass_on_risk_answers)

    [late] = waiting(call, "clinical_lead", actor=LEAD.id, state="open")
    assert (late["state"], late["template"], late["version"]) == ("overdue", "risk_overdue", 2)
    assert practice.kinds().count("risk.overdue") == 1
    path = f"/v1/risk-answers/{late['id']}/acknowledgement"
    done = call("clinical_lead", actor=LEAD.id).post(path, {"outcome": "passed_on_to_colleague"}, version=2)
    assert done.status_code == 200


def test_the_clinic_sets_within_how_many_hours(practice: Practice) -> None:
    practice.plan(PlanEntry("phq-9"), risk_due_hours=4)
    hour = practice.book(practice.client(), hours=2)

    practice.fill(hour["appointment_id"], "phq-9", q9=1)

    kept = practice.row("SELECT due_at - raised_at AS within FROM risk_answer")
    assert kept["within"].total_seconds() == 4 * 3600


def correct(practice: Practice, by: Scope, *corrections: Entry) -> list[dict[str, int]]:
    """Correct the PHQ-9 again and again; what was raised altogether, oldest first."""
    row = practice.row("SELECT c.offer_id, c.version FROM checkin c JOIN offer o ON o.id = c.offer_id")
    for version, entry in enumerate(corrections, row["version"]):
        with practice.database.transaction() as tx:
            correcting.correct(
                tx,
                row["offer_id"],
                entry,
                "typing_error",
                expected_version=version,
                scope=by,
                now=practice.clock.move(minutes=1),
            )
    return [row["raised"] for row in practice.rows("SELECT raised FROM risk_answer ORDER BY raised_at, id")]


def marked(**answers: int) -> Entry:
    return Entry(answers=answers)


def test_a_correction_never_lowers(practice: Practice, ana: Scope, appointment_id: UUID) -> None:
    practice.fill(appointment_id, "phq-9", q9=1)

    assert correct(practice, ana, marked(q9=0)) == [{"q9": 1}]
    assert practice.row("SELECT state FROM risk_answer")["state"] == "open"


def test_an_answer_that_is_put_right_to_a_higher_one_is_to_be_read_anew(
    practice: Practice, call: Speak, ana: Scope, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q9=1)
    [risk] = waiting(call, "therapist")
    path = f"/v1/risk-answers/{risk['id']}/acknowledgement"
    call("therapist").post(path, {"outcome": "known_and_followed"}, version=1)

    assert correct(practice, ana, marked(q9=3)) == [{"q9": 1}, {"q9": 3}]
    [anew] = waiting(call, "therapist", state="open")
    assert (anew["raised"], anew["due_at"] is not None) == ([{"item": "q9", "answer": 3}], True)
    assert practice.kinds().count("risk.raised") == 2


def test_what_was_taken_for_a_mistake_and_comes_back_is_to_be_read_anew(
    practice: Practice, call: Speak, ana: Scope, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q9=2)
    [risk] = waiting(call, "therapist")
    path = f"/v1/risk-answers/{risk['id']}/acknowledgement"
    call("therapist").post(path, {"outcome": "entered_by_mistake"}, version=1)

    assert correct(practice, ana, marked(q9=0), marked(q9=2)) == [{"q9": 2}, {"q9": 2}]


def test_a_correction_of_another_answer_makes_nobody_read_the_same_twice(
    practice: Practice, call: Speak, ana: Scope, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q9=2)

    once = [{"q9": 2}]
    assert correct(practice, ana, marked(q9=2, q1=1), marked(q9=0), marked(q9=1)) == once
    [risk] = waiting(call, "therapist")
    call("therapist").post(
        f"/v1/risk-answers/{risk['id']}/acknowledgement", {"outcome": "spoken_with_client"}, version=1
    )
    assert correct(practice, ana, marked(q9=1, q1=2)) == once


def test_a_risk_question_that_stays_open_is_shown_once_however_often_the_rest_is_corrected(
    practice: Practice, ana: Scope, appointment_id: UUID
) -> None:
    practice.fill(appointment_id, "phq-9", q1=0)

    assert correct(practice, ana, marked(q1=1), marked(q1=2)) == [{}]
    assert correct(practice, ana, marked(q9=0), marked(q1=1)) == [{}, {}]


def test_a_correction_that_brings_a_risk_answer_raises_it(practice: Practice, ana: Scope, appointment_id: UUID) -> None:
    practice.fill(appointment_id, "phq-9", q9=0)
    offer_id = practice.offer(appointment_id, measure_id="phq-9").id

    with practice.database.transaction() as tx:
        entry = Entry(answers={"q9": 2})
        correcting.correct(tx, offer_id, entry, "misread_paper", expected_version=1, scope=ana, now=practice.clock())

    assert practice.row("SELECT raised FROM risk_answer")["raised"] == {"q9": 2}


@pytest.mark.parametrize("was", list(RiskState))
@pytest.mark.parametrize("to", list(RiskState))
def test_a_risk_answer_moves_only_as_the_table_says(was: RiskState, to: RiskState) -> None:
    if to in ALLOWED[was]:
        assert move(was, to) is to
    else:
        with pytest.raises(RiskMoveNotAllowed):
            move(was, to)
