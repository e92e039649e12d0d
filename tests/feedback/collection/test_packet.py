"""One link opens all open forms of one appointment and moment, one after the other."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.feedback.collection.domain.forms import FormState, Packet, PacketForm, Position
from services.feedback.collection.domain.plan import PlanEntry, Way
from services.feedback.jobs import end_overdue_offers
from tests.cast import DANA
from tests.feedback.practice import Caller, Practice, marks

Speak = Callable[..., Caller]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLAN = (PlanEntry("phq-9"), PlanEntry("gad-7"))


def one(state: str, *, reason: str | None = None, over: bool = False) -> PacketForm:
    ends = NOW - timedelta(minutes=1) if over else NOW + timedelta(hours=1)
    return PacketForm(uuid4(), uuid4(), uuid4(), uuid4(), "phq-9", 1, state, reason, None, ends)


@pytest.mark.parametrize(
    ("forms", "state", "position"),
    [
        ([one("open"), one("open")], FormState.OPEN, Position(1, 2)),
        ([one("received"), one("open")], FormState.OPEN, Position(2, 2)),
        ([one("open"), one("received")], FormState.OPEN, Position(2, 2)),
        ([one("received"), one("received")], FormState.SUBMITTED, None),
        ([one("received"), one("unanswered", reason="declined")], FormState.SUBMITTED, None),
        ([one("received"), one("unanswered", reason="no_answer")], FormState.EXPIRED, None),
        ([one("received"), one("open", over=True)], FormState.EXPIRED, None),
        ([one("withdrawn")], FormState.EXPIRED, None),
        ([one("unanswered", reason="declined"), one("open")], FormState.OPEN, Position(1, 1)),
    ],
)
def test_how_a_packet_stands(forms: list[PacketForm], state: FormState, position: Position | None) -> None:
    packet = Packet(forms)

    assert (packet.state(NOW), packet.position(NOW)) == (state, position)


@pytest.fixture
def appointment_id(practice: Practice) -> UUID:
    """A session in two hours that begins with two questionnaires."""
    practice.plan(*PLAN)
    appointment: UUID = practice.book(practice.client(), hours=2)["appointment_id"]
    return appointment


def open_packet(practice: Practice, call: Speak, appointment_id: UUID, measure_id: str = "phq-9") -> str:
    offer_id = practice.offer(appointment_id, measure_id=measure_id).id
    token = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/link", {}).get_json()["token"]
    handle: str = call("checkin").post("/v1/forms/exchange", {"token": token}).get_json()["handle"]
    return handle


def put(call: Speak, handle: str, measure_id: str | None, *, submit: bool = True, **answers: Any) -> Any:
    body = {"answers": answers, "submit": submit} | ({"measure_id": measure_id} if measure_id else {})
    return call("checkin").put("/v1/forms/current", body, handle=handle)


def test_one_link_leads_through_all_forms_to_the_thanks(practice: Practice, call: Speak, appointment_id: UUID) -> None:
    handle = open_packet(practice, call, appointment_id)
    first = call("checkin").get("/v1/forms/current", handle=handle).get_json()
    second = put(call, handle, "phq-9", q1=1).get_json()
    done = put(call, handle, "gad-7", q1=2).get_json()

    assert (first["form"]["id"], first["position"]) == ("phq-9", {"number": 1, "of": 2})
    assert (second["state"], second["form"]["id"], second["position"]) == ("open", "gad-7", {"number": 2, "of": 2})
    assert (done["state"], done["form"], done["position"]) == ("submitted", None, None)
    kept = practice.rows("SELECT o.measure_id, c.answers FROM checkin c JOIN offer o ON o.id = c.offer_id")
    assert {row["measure_id"]: row["answers"] for row in kept} == {"phq-9": {"q1": 1}, "gad-7": {"q1": 2}}


def test_any_form_of_a_packet_opens_all_of_it_from_its_beginning(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    handle = open_packet(practice, call, appointment_id, "gad-7")

    assert call("checkin").get("/v1/forms/current", handle=handle).get_json()["form"]["id"] == "phq-9"


def test_a_repeated_sending_does_not_fill_in_the_next_form(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    handle = open_packet(practice, call, appointment_id)

    put(call, handle, "phq-9", q1=1)
    again = put(call, handle, "phq-9", q1=3)

    assert (again.status_code, again.get_json()["form"]["id"]) == (200, "gad-7")
    assert [row["answers"] for row in practice.rows("SELECT answers FROM checkin")] == [{"q1": 1}]


def test_answers_to_a_packet_of_several_forms_say_which_one_they_belong_to(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    handle = open_packet(practice, call, appointment_id)

    unnamed = put(call, handle, None, q1=1)
    wrongly = put(call, handle, "session-checkin", b1=1)

    for refused in (unnamed, wrongly):
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["field"] == "measure_id"
    assert practice.rows("SELECT * FROM checkin") == []


def test_drafts_of_a_packet_lie_side_by_side(practice: Practice, call: Speak, appointment_id: UUID) -> None:
    handle = open_packet(practice, call, appointment_id)

    put(call, handle, "gad-7", submit=False, q1=3)
    put(call, handle, "phq-9", submit=False, q1=1)

    assert call("checkin").get("/v1/forms/current", handle=handle).get_json()["answers"] == {"q1": 1}
    assert put(call, handle, "phq-9", q1=1).get_json()["answers"] == {"q1": 3}


def test_what_begins_a_session_is_no_part_of_what_is_asked_after_it(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    practice.clock.move(hours=2, minutes=50)
    hour = practice.row("SELECT * FROM hour")
    practice.tell("held", {**practice.hour(hour["client_id"]), "appointment_id": appointment_id})

    handle = open_packet(practice, call, appointment_id, "session-checkin")
    shown = call("checkin").get("/v1/forms/current", handle=handle).get_json()

    assert (shown["form"]["id"], shown["position"]) == ("session-checkin", {"number": 1, "of": 1})


def test_a_form_that_ran_out_among_others_is_not_hidden_behind_their_thanks(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    handle = open_packet(practice, call, appointment_id)
    put(call, handle, "phq-9", q1=1)

    practice.clock.move(hours=3)
    late = put(call, handle, "gad-7", q1=1).get_json()
    practice.run(end_overdue_offers)

    assert late["state"] == "expired"
    assert put(call, handle, "gad-7", q1=1).get_json()["state"] == "expired"
    assert len(practice.rows("SELECT * FROM checkin")) == 1


def test_a_form_added_later_comes_with_a_link_that_is_out(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.plan(PlanEntry("phq-9"))
    hour = practice.book(client_id, hours=2)
    handle = open_packet(practice, call, hour["appointment_id"])

    own = {"added": [{"measure_id": "gad-7"}], "left_out": []}
    call("therapist").put(f"/v1/clients/{client_id}/plan", own, version=0)

    assert put(call, handle, "phq-9", q1=1).get_json()["form"]["id"] == "gad-7"


def test_what_is_filled_in_on_paper_is_no_part_of_a_packet(practice: Practice, call: Speak) -> None:
    practice.plan(PlanEntry("phq-9"), PlanEntry("ors", way=Way.PAPER))
    hour = practice.book(practice.client(), hours=2)
    handle = open_packet(practice, call, hour["appointment_id"])

    offer_id = practice.offer(hour["appointment_id"], measure_id="ors").id
    assert call("front_desk").post(f"/v1/offers/{offer_id}/link", {}).status_code == 409
    assert put(call, handle, None, q1=1).get_json()["state"] == "submitted"


def test_a_newer_link_to_any_form_of_a_packet_ends_the_older_one_unless_it_was_opened(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    begun = open_packet(practice, call, appointment_id, "phq-9")
    offer_id = practice.offer(appointment_id, measure_id="phq-9").id
    older = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/link", {}).get_json()["token"]
    newer = open_packet(practice, call, appointment_id, "gad-7")

    assert call("checkin").post("/v1/forms/exchange", {"token": older}).status_code == 410
    for handle in (begun, newer):
        assert call("checkin").get("/v1/forms/current", handle=handle).status_code == 200


def test_consent_withdrawn_in_the_middle_of_a_packet_ends_it(
    practice: Practice, call: Speak, appointment_id: UUID
) -> None:
    handle = open_packet(practice, call, appointment_id)
    put(call, handle, "phq-9", q1=1)
    client_id = practice.row("SELECT client_id FROM hour")["client_id"]

    practice.consent(client_id, "withdrawn")
    refused = put(call, handle, "gad-7", q1=1)

    assert refused.status_code == 422
    assert call("checkin").get("/v1/forms/current", handle=handle).get_json()["state"] == "submitted"
    assert len(practice.rows("SELECT * FROM checkin")) == 1


def test_the_session_form_alone_needs_no_name(practice: Practice, call: Speak) -> None:
    appointment_id = practice.hold(practice.client())
    handle = open_packet(practice, call, appointment_id, "session-checkin")

    sent = put(call, handle, None, s1="after", **marks(74)).get_json()

    assert (sent["state"], sent["sharing"]) == ("submitted", "after")
