"""What two people said about their work stays between them, and clinical leads, when the client goes on to another."""

from collections.abc import Callable
from uuid import UUID

import pytest

from services.feedback.collection.domain.plan import PlanEntry
from tests.cast import ANA, BEN, LEAD
from tests.feedback.practice import Caller, Practice, marks

Call = Callable[..., Caller]
CORRECTION = {"answers": {"b1": 1}, "reason": "typing_error"}


@pytest.fixture
def hour(practice: Practice) -> UUID:
    """A session in which both sides noted strain, with a symptom form before it."""
    practice.plan(PlanEntry("phq-9"))
    client_id = practice.client()
    practice.course(client_id, 80, 82, 78, 80)
    booked = practice.book(client_id, hours=1)
    practice.fill(booked["appointment_id"], "phq-9", q1=1, q9=0)
    practice.clock.move(hours=2)
    practice.tell("held", booked, attendance_code="5", held_at=practice.clock())
    appointment: UUID = booked["appointment_id"]
    practice.answer(appointment, r1="yes", r2="worse", **marks(40))
    practice.answer(appointment, "therapist", t_r1="yes", **marks(40, "t_"))
    return appointment


@pytest.fixture
def goes_on_to_ben(practice: Practice, hour: UUID) -> UUID:
    client_id: UUID = practice.row("SELECT client_id FROM hour WHERE appointment_id = %s", hour)["client_id"]
    practice.clock.move(days=1)
    practice.allocate(client_id, BEN.id)
    return client_id


@pytest.mark.parametrize("side", ["client", "therapist"])
@pytest.mark.usefixtures("goes_on_to_ben")
def test_a_new_therapist_opens_no_answer_about_the_work_before_theirs(
    practice: Practice, call: Call, hour: UUID, side: str
) -> None:
    offer_id = practice.offer(hour, side).id
    ben, lead = call("therapist", actor=BEN.id), call("clinical_lead", actor=LEAD.id)

    assert ben.get(f"/v1/check-ins/{offer_id}").status_code == 404
    assert ben.post(f"/v1/check-ins/{offer_id}/corrections", CORRECTION, version=1).status_code == 404
    assert call("therapist").get(f"/v1/check-ins/{offer_id}").status_code == 404
    assert lead.get(f"/v1/check-ins/{offer_id}").get_json()["answers"]


@pytest.mark.usefixtures("goes_on_to_ben")
def test_answers_on_how_somebody_is_go_along_with_the_treatment(practice: Practice, call: Call, hour: UUID) -> None:
    offer_id = practice.offer(hour, measure_id="phq-9").id

    found = call("therapist", actor=BEN.id).get(f"/v1/check-ins/{offer_id}").get_json()

    assert found["answers"] == {"q1": 1, "q9": 0}


def test_what_was_noted_about_an_episode_is_neither_read_nor_written_on_by_who_comes_after(
    practice: Practice, call: Call, goes_on_to_ben: UUID
) -> None:
    ben = call("therapist", actor=BEN.id)
    (course,) = ben.get(f"/v1/clients/{goes_on_to_ben}/history").get_json()["items"]
    (told,) = course["episodes"]
    version = practice.row("SELECT version FROM episode")["version"]

    for path, body in (
        ("notes", {"tried": ["asked_openly"]}),
        ("withdrawal", {}),
        ("conversation", {"held_on": practice.clock().date().isoformat()}),
        ("closing", {"reason": "settled"}),
    ):
        assert ben.post(f"/v1/episodes/{told['id']}/{path}", body, version=version).status_code == 404, path
    assert practice.rows("SELECT * FROM episode_note") == []


def test_where_two_views_differ_is_told_to_no_program(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82, 78, 80)
    appointment = practice.session(client_id, 80, r1="a_little")
    practice.answer(appointment, "therapist", t_r1="no", **marks(80, "t_"))

    (*_, point) = call("therapist").get(f"/v1/clients/{client_id}/course").get_json()["points"]
    assert "S7" in {signal["code"] for signal in point["signals"]}
    told = [row["data"]["signals"] for row in practice.told() if row["type"].endswith("reading.updated.v1")]
    assert ["S9"] in told
    assert not any({"S7", "S7b"} & set(signals) for signals in told)
    assert ANA.id == practice.row("SELECT DISTINCT practitioner_id FROM course")["practitioner_id"]
