"""What happens in between: an hour is moved, a wish gives way, somebody reads, before what was begun is finished."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.feedback.collection.domain.plan import PlanEntry
from services.feedback.jobs import end_overdue_offers, show_shared_answers
from tests.cast import ANA, BEN, DANA
from tests.feedback.practice import Caller, Practice, marks

Speak = Callable[..., Caller]


def enter(call: Speak, hour: dict[str, Any], measure_id: str, **body: Any) -> Any:
    fixed = {"appointment_id": str(hour["appointment_id"]), "measure_id": measure_id, "measure_version": 1}
    return call("therapist").post(f"/v1/clients/{hour['client_id']}/check-ins", fixed | {"channel": "paper"} | body)


def opened(practice: Practice, call: Speak, appointment_id: UUID, held: str = "") -> str:
    """The handle of the session form, by a new link, in the browser that holds this one."""
    offer_id = practice.offer(appointment_id).id
    token = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/link", {}).get_json()["token"]
    handle: str = call("checkin").post("/v1/forms/exchange", {"token": token}, handle=held).get_json()["handle"]
    return handle


def test_after_i_have_left_waits_for_the_end_of_an_hour_that_was_moved(practice: Practice, call: Speak) -> None:
    practice.plan(PlanEntry("phq-9"))
    hour = practice.book(practice.client(), hours=1)
    entered = enter(call, hour, "phq-9", answers={"q1": 2, "q9": 0}, sharing="after")
    later = {name: hour[name] + timedelta(days=1) for name in ("starts_at", "ends_at")}
    practice.tell("moved", hour | later, previous_starts_at=hour["starts_at"], moved_at=practice.clock())
    path = f"/v1/check-ins/{entered.get_json()['id']}"

    practice.clock.move(hours=12)
    practice.run(show_shared_answers)
    outcome = call("therapist").get(f"/v1/clients/{hour['client_id']}/outcome").get_json()
    assert call("therapist").get(path).get_json()["shown"] is False
    assert [point["total"] for one in outcome["measures"] for point in one["points"]] in ([], [None])

    practice.clock.move(hours=14)
    practice.run(show_shared_answers)
    assert call("therapist").get(path).get_json()["answers"] == {"q1": 2, "q9": 0}


def test_what_was_answered_about_one_wish_is_never_taken_for_another(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.session(client_id, 80, w1="slower", w1_readers="therapist")
    kept_back = practice.session(client_id, 80, w1="a pause", w1_readers="therapist", s1="not")
    now = practice.hold(client_id)
    app, half = call("checkin"), {"w2": "done", **marks(80)}
    handle = opened(practice, call, now)
    assert app.put("/v1/forms/current", {"answers": half, "submit": False}, handle=handle).status_code == 200
    # Meanwhile the client lets the other wish be seen, and it takes the place of the one they are answering about.
    assert call("therapist").post(f"/v1/offers/{practice.offer(kept_back).id}/release", {}).status_code == 201

    handle = opened(practice, call, now, handle)
    assert app.get("/v1/forms/current", handle=handle).get_json()["answers"] == half
    sent = app.put("/v1/forms/current", {"answers": half | {"s1": "now"}, "submit": True}, handle=handle)

    assert (sent.status_code, sent.get_json()["state"]) == (200, "submitted")
    course = call("therapist").get(f"/v1/clients/{client_id}/course").get_json()
    assert [(wish["text"], wish["word"]) for wish in course["wishes"]] == [("slower", "replaced"), ("a pause", "open")]


def test_who_typed_in_what_a_client_wrote_has_read_it_before_their_own_impression(
    practice: Practice, call: Speak
) -> None:
    appointment = practice.hold(practice.client())
    typed = {"answers": {**marks(40), "s1": "now"}, "channel": "paper"}
    mine = {"answers": marks(80, "t_")}

    assert call("therapist").post(f"/v1/offers/{practice.offer(appointment).id}/answers", typed).status_code == 201
    path = f"/v1/offers/{practice.offer(appointment, 'therapist').id}/answers"

    assert call("therapist").post(path, mine).get_json()["blind"] is False


def test_an_impression_put_right_after_reading_is_no_longer_one_given_before(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    appointment = practice.hold(client_id)
    ana, offer_id = call("therapist"), practice.offer(appointment, "therapist").id
    assert ana.post(f"/v1/offers/{offer_id}/answers", {"answers": marks(80, "t_")}).get_json()["blind"] is True
    path = f"/v1/check-ins/{offer_id}/corrections"

    def put_right(total: float, version: int) -> bool:
        body = {"answers": marks(total, "t_"), "reason": "typing_error"}
        assert ana.post(path, body, version=version).status_code == 201
        blind: bool = practice.row("SELECT blind FROM checkin WHERE offer_id = %s", offer_id)["blind"]
        return blind

    assert put_right(82, 1) is True
    practice.answer(appointment, **marks(40))
    practice.clock.move(minutes=1)
    ana.get(f"/v1/clients/{client_id}/course")
    assert put_right(50, 2) is False


def test_an_hour_with_a_stand_in_begins_no_course_on_paper_either(practice: Practice, call: Speak) -> None:
    client_id = practice.client(ANA.id)
    appointment = practice.hold(client_id, BEN.id)
    hour = {"appointment_id": appointment, "client_id": client_id}

    refused = enter(call, hour, "session-checkin", answers={**marks(80), "s1": "now"})

    assert refused.status_code == 422
    assert practice.rows("SELECT * FROM course") == []
    assert enter(call, hour, "phq-9", answers={"q1": 1}).status_code == 201


def test_a_form_of_before_is_not_entered_once_the_client_has_said_no(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    appointment = practice.hold(client_id)
    ours = [practice.offer(appointment, side).id for side in ("client", "therapist")]
    practice.clock.move(days=4)
    practice.run(end_overdue_offers)
    practice.consent(client_id, "withdrawn")

    for offer_id, answers in zip(ours, ({**marks(40), "s1": "now"}, marks(40, "t_")), strict=True):
        refused = call("therapist").post(f"/v1/offers/{offer_id}/answers", {"answers": answers})
        assert (refused.status_code, refused.get_json()["type"].rpartition("/")[2]) == (409, "consent-missing")
    assert practice.rows("SELECT * FROM checkin") == []
